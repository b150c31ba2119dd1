// Finding a node type by what a person would type: either language's words, or the type's id.
import type { Words } from '../../api/types';
import { mayConnect } from '../document/connect';
import { newNode } from '../document/build';
import type { End, Graph } from '../document/graph';
import { portsOf, type Side } from '../document/ports';
import type { Catalog, NodeSpec } from '../document/spec';

export function searchSpecs(specs: Iterable<NodeSpec>, query: string): readonly NodeSpec[] {
  const parts = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const ranked = [...specs].flatMap((spec) => {
    const rank = rankOf(spec, parts);
    return rank === null ? [] : [{ spec, rank }];
  });
  // A stable sort: within a rank the catalog's own order, by purpose, holds.
  return ranked.sort((a, b) => a.rank - b.rank).map(({ spec }) => spec);
}

/** 0: the title begins so; 1: title or id has it; 2: the summary has it; null: not meant. */
function rankOf(spec: NodeSpec, parts: readonly string[]): number | null {
  const title = texts(spec.title);
  const named = [...title, spec.type.toLowerCase()];
  const wide = [...named, ...texts(spec.summary)];
  if (!parts.every((part) => wide.some((text) => text.includes(part)))) return null;
  if (parts.every((part) => title.some((text) => text.startsWith(part)))) return 0;
  return parts.every((part) => named.some((text) => text.includes(part))) ? 1 : 2;
}

function texts(words: Words): string[] {
  return [words.en.toLowerCase(), words.zh.toLowerCase()];
}

export interface Fit {
  readonly spec: NodeSpec;
  /** The first of its ports that would take the wire. */
  readonly port: string;
}

/** The node types that a loose wire could end at, each with the port for it. */
export function fitting(graph: Graph, catalog: Catalog, from: End, side: Side): readonly Fit[] {
  const other: Side = side === 'outputs' ? 'inputs' : 'outputs';
  return [...catalog.specs.values()].flatMap((spec) => {
    const node = newNode(graph, spec, { x: 0, y: 0 });
    const grown = { ...graph, nodes: [...graph.nodes, node] };
    const port = portsOf(node, spec)[other].find(({ name }) => {
      const end = { node: node.id, port: name };
      return (
        side === 'outputs' ? mayConnect(grown, catalog, from, end) : mayConnect(grown, catalog, end, from)
      ).ok;
    });
    return port ? [{ spec, port: port.name }] : [];
  });
}

export interface Group {
  readonly id: string;
  readonly title: Words;
  readonly specs: readonly NodeSpec[];
}

/** The palette's groups, in the server's order; what has an unknown purpose comes last, not lost. */
export function groupsOf(catalog: Catalog): readonly Group[] {
  const specs = [...catalog.specs.values()];
  const known = catalog.purposes.map(({ id, title }) => ({
    id,
    title,
    specs: specs.filter((spec) => spec.purpose === id),
  }));
  const ids = new Set(catalog.purposes.map(({ id }) => id));
  const rest = specs.filter((spec) => !ids.has(spec.purpose));
  const others = { id: 'other', title: { en: 'Other', zh: '其他' }, specs: rest };
  return [...known, others].filter((group) => group.specs.length > 0);
}

/** The type that a node type is about, for the dot before its name: what it gives, else what it takes. */
export function mainType(spec: NodeSpec): string {
  return spec.outputs[0]?.type ?? spec.inputs[0]?.type ?? spec.dynamic?.type ?? 'any';
}
