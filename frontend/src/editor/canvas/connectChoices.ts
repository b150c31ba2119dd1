// Every wire that could be made at one node, as a list: the keyboard's way to what the pointer drags.
import { mayConnect } from '../document/connect';
import { type End, type Graph, type GraphNode } from '../document/graph';
import { findNode } from '../document/lookup';
import { type Port, portsOf } from '../document/ports';
import type { Catalog } from '../document/spec';

export interface Choice {
  readonly source: End;
  readonly target: End;
  /** The node's own port, and the other node with its port. */
  readonly own: Port;
  readonly other: GraphNode;
  readonly port: Port;
  readonly outward: boolean;
}

export function choicesFor(
  graph: Graph,
  catalog: Catalog,
  id: string,
  input: string | null,
): readonly Choice[] {
  const node = findNode(graph, id);
  if (!node) return [];
  const mine = portsOf(node, catalog.specs.get(node.type));
  return graph.nodes.flatMap((other) => {
    const theirs = portsOf(other, catalog.specs.get(other.type));
    const inward = mine.inputs
      .filter((own) => input === null || own.name === input)
      .flatMap((own) => theirs.outputs.map((port) => choice(other, port, node, own, false)));
    const outward =
      input === null
        ? mine.outputs.flatMap((own) => theirs.inputs.map((port) => choice(node, own, other, port, true)))
        : [];
    return [...outward, ...inward].filter(
      ({ source, target }) => mayConnect(graph, catalog, source, target).ok,
    );
  });
}

function choice(from: GraphNode, output: Port, to: GraphNode, input: Port, outward: boolean): Choice {
  return {
    source: { node: from.id, port: output.name },
    target: { node: to.id, port: input.name },
    own: outward ? output : input,
    other: outward ? to : from,
    port: outward ? input : output,
    outward,
  };
}
