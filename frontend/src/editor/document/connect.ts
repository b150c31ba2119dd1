// May this output feed that input? The server's published table decides about types; circles are seen here.

import type { End, Graph, GraphEdge } from './graph';
import { sameEnd } from './graph';
import { edgesInto, findNode, upstream, wiresInto } from './lookup';
import { boundType, isMany, portsOf } from './ports';
import type { Catalog, Words } from './spec';

export type Verdict =
  | { readonly ok: true; readonly replaces: readonly string[] }
  | { readonly ok: false; readonly reason: Words };

const ITSELF: Words = { en: 'A node cannot feed itself.', zh: '节点不能连接到自身。' };
const CIRCLE: Words = {
  en: 'This would make a circle: the other node already feeds this one.',
  zh: '这样会形成环路：对方节点已经是本节点的上游。',
};
const ALREADY: Words = { en: 'These two are already connected.', zh: '两者已经相连。' };
const UNKNOWN: Words = { en: 'This port is no longer there.', zh: '该端口已不存在。' };

export function mayConnect(graph: Graph, catalog: Catalog, source: End, target: End): Verdict {
  if (source.node === target.node) return refuse(ITSELF);
  const into = edgesInto(graph, target);
  if (into.some((edge) => sameEnd(edge.source, source))) return refuse(ALREADY);
  if (upstream(graph, source.node).has(target.node)) return refuse(CIRCLE);
  if (!hasPort(graph, catalog, source, 'outputs') || !hasPort(graph, catalog, target, 'inputs'))
    return refuse(UNKNOWN);
  const sourceType = boundType(graph, catalog, source, 'outputs');
  const targetType = boundType(without(graph, into), catalog, target, 'inputs');
  const reason = catalog.acceptance[sourceType]?.[targetType];
  if (reason === undefined) return refuse(UNKNOWN);
  if (reason) return refuse(reason);
  if (isMany(targetType)) return { ok: true, replaces: [] };
  const replaces = into.filter((edge) => !exclusive(graph, edge.source, source)).map((edge) => edge.id);
  return { ok: true, replaces };
}

function refuse(reason: Words): Verdict {
  return { ok: false, reason };
}

function hasPort(graph: Graph, catalog: Catalog, end: End, side: 'inputs' | 'outputs'): boolean {
  const node = findNode(graph, end.node);
  return Boolean(
    node && portsOf(node, catalog.specs.get(node.type))[side].some((port) => port.name === end.port),
  );
}

function without(graph: Graph, edges: readonly GraphEdge[]): Graph {
  return edges.length === 0
    ? graph
    : { ...graph, edges: graph.edges.filter((edge) => !edges.includes(edge)) };
}

/** The control outputs that must have been taken for a value to exist: control node -> its output. */
type Branch = ReadonlyMap<string, string>;

const CONTROLS = new Set(['control.if', 'control.switch']);

/** Two values that can never both arrive may share one input: they come from different outputs of one control node. */
export function exclusive(graph: Graph, a: End, b: End): boolean {
  const left = branchOf(graph, a, new Set());
  const right = branchOf(graph, b, new Set());
  return [...left].some(([control, port]) => right.has(control) && right.get(control) !== port);
}

function branchOf(graph: Graph, end: End, seen: Set<string>): Branch {
  if (seen.has(end.node)) return new Map();
  const deeper = new Set(seen).add(end.node);
  const branch = new Map<string, string>();
  const ports = new Set(wiresInto(graph, end.node).map((edge) => edge.target.port));
  for (const port of ports) {
    const arriving = edgesInto(graph, { node: end.node, port }).map((edge) =>
      branchOf(graph, edge.source, deeper),
    );
    for (const [control, taken] of shared(arriving)) branch.set(control, taken);
  }
  const type = findNode(graph, end.node)?.type;
  if (type && CONTROLS.has(type)) branch.set(end.node, end.port);
  return branch;
}

/** Where branches meet again in one input, only what they agree on still holds. */
function shared(branches: readonly Branch[]): Branch {
  const [first, ...others] = branches;
  if (!first) return new Map();
  return new Map(
    [...first].filter(([control, port]) => others.every((other) => other.get(control) === port)),
  );
}
