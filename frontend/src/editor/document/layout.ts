// Automatic arrangement: left to right by who feeds whom, with room between columns for gates.

import { Graph as Dagre, layout } from '@dagrejs/dagre';

import type { Point } from './graph';

export interface LayoutRequest {
  readonly nodes: readonly { readonly id: string; readonly width: number; readonly height: number }[];
  readonly edges: readonly { readonly source: string; readonly target: string }[];
}

export type Positions = Readonly<Record<string, Point>>;

/** A gate's pill is about 110 px wide, and wants some wire on both sides. */
const COLUMN_GAP = 160;
const ROW_GAP = 48;

export function arrange({ nodes, edges }: LayoutRequest): Positions {
  const graph = new Dagre();
  graph.setGraph({ rankdir: 'LR', nodesep: ROW_GAP, ranksep: COLUMN_GAP });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of nodes) graph.setNode(id, { width, height });
  for (const { source, target } of edges) graph.setEdge(source, target);
  layout(graph);
  return Object.fromEntries(
    nodes.map(({ id, width, height }) => {
      const placed = graph.node(id) as Point;
      return [id, { x: Math.round(placed.x - width / 2), y: Math.round(placed.y - height / 2) }];
    }),
  );
}
