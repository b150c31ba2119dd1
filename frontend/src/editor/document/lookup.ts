// Who is where in a graph, worked out once for each document: a keystroke on a large canvas must stay cheap.
import { type End, type Graph, type GraphEdge, type GraphNode, sameEnd } from './graph';

export interface Lookup {
  readonly nodes: ReadonlyMap<string, GraphNode>;
  /** Edges by the node that they enter, and by the node that they leave. */
  readonly into: ReadonlyMap<string, readonly GraphEdge[]>;
  readonly from: ReadonlyMap<string, readonly GraphEdge[]>;
}

const NONE: readonly GraphEdge[] = [];
const lookups = new WeakMap<Graph, Lookup>();
const upstreams = new WeakMap<Graph, Map<string, ReadonlySet<string>>>();

export function lookup(graph: Graph): Lookup {
  let found = lookups.get(graph);
  if (!found) {
    found = {
      nodes: new Map(graph.nodes.map((node) => [node.id, node])),
      into: grouped(graph.edges, (edge) => edge.target.node),
      from: grouped(graph.edges, (edge) => edge.source.node),
    };
    lookups.set(graph, found);
  }
  return found;
}

export function wiresInto(graph: Graph, node: string): readonly GraphEdge[] {
  return lookup(graph).into.get(node) ?? NONE;
}

export function wiresFrom(graph: Graph, node: string): readonly GraphEdge[] {
  return lookup(graph).from.get(node) ?? NONE;
}

export function findNode(graph: Graph, id: string): GraphNode | undefined {
  return lookup(graph).nodes.get(id);
}

export function edgesInto(graph: Graph, end: End): readonly GraphEdge[] {
  return wiresInto(graph, end.node).filter((edge) => sameEnd(edge.target, end));
}

/** Every edge that ends or begins at a node, in the document's order. */
export function edgesOf(graph: Graph, node: string): readonly GraphEdge[] {
  return graph.edges.filter((edge) => edge.source.node === node || edge.target.node === node);
}

/** The node itself and all that feed it, however far up. */
export function upstream(graph: Graph, node: string): ReadonlySet<string> {
  const known = upstreams.get(graph) ?? new Map<string, ReadonlySet<string>>();
  upstreams.set(graph, known);
  const before = known.get(node);
  if (before) return before;
  const seen = new Set<string>();
  const queue = [node];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    queue.push(...wiresInto(graph, next).map((edge) => edge.source.node));
  }
  known.set(node, seen);
  return seen;
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
