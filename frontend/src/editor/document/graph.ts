// The workflow's graph as plain data: what the browser draws, stores and sends.

import type { Graph, PortRef as End } from '../../api/types';

export type { Graph, GraphEdge, GraphNode, Json, PortRef as End } from '../../api/types';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export const EMPTY_GRAPH: Graph = { format: 1, nodes: [], edges: [] };

/** The server's limits; the editor refuses to pass them rather than lose a save. */
export const MAX_NODES = 1000;
export const MAX_EDGES = 4000;

export const ORIGIN: Point = { x: 0, y: 0 };

export function sameEnd(a: End, b: End): boolean {
  return a.node === b.node && a.port === b.port;
}

/** A position that a person would call the same: whole pixels. */
export function rounded(point: Point): Point {
  return { x: Math.round(point.x), y: Math.round(point.y) };
}
