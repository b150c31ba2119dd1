// The document's edges as @xyflow/react wants them, each with its colour and its gate.
import { useMemo } from 'react';

import { boundType } from '../document/ports';
import { useDocument } from '../document/store';
import { gateOfWire, usePreview } from '../preview/store';
import { useEditor } from '../state/editor';
import { useGates } from './GateLayer';
import type { WireEdge } from './Wire';

export function useWires(): WireEdge[] {
  const graph = useDocument((state) => state.history.doc);
  const selected = useDocument((state) => state.selection.edges);
  const catalog = useEditor((state) => state.catalog);
  const gates = useGates();
  const issues = usePreview((state) => state.issues);
  return useMemo(() => {
    const broken = new Set(issues.flatMap((issue) => (issue.edge === null ? [] : [issue.edge])));
    return graph.edges.map((edge) => ({
      id: edge.id,
      type: 'wire' as const,
      source: edge.source.node,
      sourceHandle: edge.source.port,
      target: edge.target.node,
      targetHandle: edge.target.port,
      selected: selected.has(edge.id),
      reconnectable: true,
      data: {
        type: boundType(graph, catalog, edge.source, 'outputs'),
        gate: gateOfWire(gates, edge.source, edge.target),
        broken: broken.has(edge.id),
      },
    }));
  }, [graph, selected, catalog, gates, issues]);
}
