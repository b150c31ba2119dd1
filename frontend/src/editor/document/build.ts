// Commands that people ask for, made from the document as it is: add, connect, delete, duplicate, edit a param.

import { batch, type Command } from './command';
import { mayConnect } from './connect';
import {
  type End,
  type Graph,
  type GraphEdge,
  type GraphNode,
  type Json,
  type Point,
  rounded,
} from './graph';
import { edgeId, nodeId, uniqueName } from './ids';
import { dynamicPorts } from './ports';
import { type Catalog, type NodeSpec, paramOf } from './spec';

/** A new node with its spec's defaults left unsaid, except a name that must be its own. */
export function newNode(graph: Graph, spec: NodeSpec, at: Point): GraphNode {
  const id = nodeId(spec.type, new Set(graph.nodes.map((node) => node.id)));
  const params: Record<string, Json> = {};
  for (const param of spec.params) {
    if (param.default !== null) params[param.name] = param.default;
  }
  const node: GraphNode = { id, type: spec.type, version: spec.version, params, position: rounded(at) };
  return named(node, namesTaken(graph, family(spec.type)), spec);
}

/** Inputs and outputs are keyed by their `name`, each family on its own. */
function family(type: string): string | null {
  const pack = type.split('.')[0] ?? '';
  return pack === 'input' || pack === 'output' ? pack : null;
}

function namesTaken(graph: Graph, pack: string | null): Set<string> {
  const names = graph.nodes
    .filter((node) => pack && family(node.type) === pack)
    .map((node) => node.params.name);
  return new Set(names.filter((name): name is string => typeof name === 'string'));
}

function named(node: GraphNode, taken: Set<string>, spec?: NodeSpec): GraphNode {
  if (family(node.type) === null) return node;
  const wish = node.params.name ?? (spec && paramOf(node, spec, 'name'));
  const base = typeof wish === 'string' && wish !== '' ? wish : (node.type.split('.')[1] ?? 'value');
  return { ...node, params: { ...node.params, name: uniqueName(base, taken) } };
}

export function connect(graph: Graph, catalog: Catalog, source: End, target: End): Command | null {
  const verdict = mayConnect(graph, catalog, source, target);
  if (!verdict.ok) return null;
  const edge: GraphEdge = { id: edgeId(new Set(graph.edges.map((other) => other.id))), source, target };
  const removals = verdict.replaces.map((id): Command => ({ kind: 'removeEdge', id }));
  return batch([...removals, { kind: 'addEdge', edge }]);
}

export function removeAll(
  graph: Graph,
  nodes: ReadonlySet<string>,
  edges: ReadonlySet<string>,
): Command | null {
  const loose = graph.edges.filter(
    (edge) => edges.has(edge.id) && !nodes.has(edge.source.node) && !nodes.has(edge.target.node),
  );
  const commands: Command[] = [
    ...loose.map((edge): Command => ({ kind: 'removeEdge', id: edge.id })),
    ...graph.nodes
      .filter((node) => nodes.has(node.id))
      .map((node): Command => ({ kind: 'removeNode', id: node.id })),
  ];
  return commands.length === 0 ? null : batch(commands);
}

export interface Piece {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** The chosen nodes and the edges among them. */
export function piece(graph: Graph, ids: ReadonlySet<string>): Piece {
  return {
    nodes: graph.nodes.filter((node) => ids.has(node.id)),
    edges: graph.edges.filter((edge) => ids.has(edge.source.node) && ids.has(edge.target.node)),
  };
}

/** Adds a piece under new ids, moved by `offset`; also says which nodes it will have added. */
export function insertPiece(
  graph: Graph,
  { nodes, edges }: Piece,
  offset: Point,
): { command: Command; ids: string[] } {
  const nodeIds = new Set(graph.nodes.map((node) => node.id));
  const edgeIds = new Set(graph.edges.map((edge) => edge.id));
  const taken = { input: namesTaken(graph, 'input'), output: namesTaken(graph, 'output') };
  const renamed = new Map<string, string>();
  const commands: Command[] = nodes.map((node) => {
    const id = nodeId(node.type, nodeIds);
    nodeIds.add(id);
    renamed.set(node.id, id);
    const position = rounded({
      x: (node.position?.x ?? 0) + offset.x,
      y: (node.position?.y ?? 0) + offset.y,
    });
    const names = taken[family(node.type) === 'output' ? 'output' : 'input'];
    const copy = named({ ...node, id, position }, names);
    if (family(node.type)) names.add(copy.params.name as string);
    return { kind: 'addNode', node: copy };
  });
  for (const edge of edges) {
    const source = renamed.get(edge.source.node);
    const target = renamed.get(edge.target.node);
    if (source === undefined || target === undefined) continue;
    const id = edgeId(edgeIds);
    edgeIds.add(id);
    commands.push({
      kind: 'addEdge',
      edge: { id, source: { ...edge.source, node: source }, target: { ...edge.target, node: target } },
    });
  }
  return { command: batch(commands), ids: [...renamed.values()] };
}

/** Sets a param; wires follow a placeholder that is renamed, and a line that moves up because another went. */
export function setParam(
  graph: Graph,
  spec: NodeSpec | undefined,
  node: GraphNode,
  param: string,
  value: Json,
): Command {
  const edit: Command = { kind: 'setParam', node: node.id, param, value };
  const dynamic = spec?.dynamic;
  if (dynamic?.param !== param) return edit;
  const before = paramOf(node, spec, param);
  const follow =
    dynamic.rule === 'lines'
      ? movedLines(before, value)
      : renamedPlaceholder(portNames(before), portNames(value));
  function portNames(template: Json | undefined): readonly string[] {
    return dynamicPorts('placeholders', template).map((port) => port.name);
  }
  const end = dynamic.side === 'inputs' ? 'target' : 'source';
  return batch([edit, ...rewire(graph, node.id, end, follow)]);
}

/** One placeholder gone and one new at the same place: a person is renaming it, letter by letter. */
function renamedPlaceholder(
  before: readonly string[],
  after: readonly string[],
): ReadonlyMap<string, string> {
  const gone = before.filter((name) => !after.includes(name));
  const fresh = after.filter((name) => !before.includes(name));
  const [old, name] = [gone[0], fresh[0]];
  const renamed = gone.length === 1 && fresh.length === 1 && before.length === after.length;
  return renamed && old !== undefined && name !== undefined ? new Map([[old, name]]) : new Map();
}

/** One line taken out: the ports below it move up by one, and their wires with them. */
function movedLines(before: Json | undefined, after: Json): ReadonlyMap<string, string> {
  if (!Array.isArray(before) || !Array.isArray(after) || after.length !== before.length - 1) return new Map();
  const gap = after.findIndex((line, index) => line !== before[index]);
  if (gap < 0) return new Map();
  const moves = before
    .slice(gap + 1)
    .map((_line, index) => [`case_${gap + index + 2}`, `case_${gap + index + 1}`] as const);
  return new Map(moves);
}

function rewire(
  graph: Graph,
  node: string,
  end: 'source' | 'target',
  moves: ReadonlyMap<string, string>,
): readonly Command[] {
  if (moves.size === 0) return [];
  return graph.edges.flatMap((edge, index): Command[] => {
    const port = edge[end].node === node ? moves.get(edge[end].port) : undefined;
    if (port === undefined) return [];
    return [
      { kind: 'removeEdge', id: edge.id },
      { kind: 'addEdge', edge: { ...edge, [end]: { ...edge[end], port } }, index },
    ];
  });
}
