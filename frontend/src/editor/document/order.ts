// The nodes from what begins to what ends, for lists: a node comes after all that feed it.
import type { Graph, GraphNode } from './graph';

export function inFlowOrder(graph: Graph): readonly GraphNode[] {
  const feeds = new Map(graph.nodes.map((node) => [node.id, new Set<string>()]));
  for (const edge of graph.edges) feeds.get(edge.target.node)?.add(edge.source.node);
  const ordered: GraphNode[] = [];
  const left = new Set(graph.nodes);
  while (left.size > 0) {
    const ready = [...left].filter((node) => feeds.get(node.id)?.size === 0);
    // A circle cannot be drawn here, but may be loaded: then the order of the document stands.
    const next = ready.length > 0 ? ready : [...left];
    for (const node of next) {
      ordered.push(node);
      left.delete(node);
      for (const waiting of feeds.values()) waiting.delete(node.id);
    }
  }
  return ordered;
}
