// The document's edges as @xyflow/react wants them, each with its colour and its gate.
import { useMemo } from 'react';

import { useI18n } from '../../i18n';
import { findNode } from '../document/lookup';
import { boundType } from '../document/ports';
import { useDocument } from '../document/store';
import { gateOfWire, usePreview } from '../preview/store';
import { useEditor } from '../state/editor';
import { useGates } from './GateLayer';
import { titleOf } from './title';
import type { WireEdge } from './Wire';

export function useWires(): WireEdge[] {
  const graph = useDocument((state) => state.history.doc);
  const selected = useDocument((state) => state.selection.edges);
  const catalog = useEditor((state) => state.catalog);
  const gates = useGates();
  const issues = usePreview((state) => state.issues);
  const { t, words } = useI18n();
  return useMemo(() => {
    const nameOf = (id: string): string => {
      const node = findNode(graph, id);
      return node ? titleOf(node, catalog.specs.get(node.type), words) : id;
    };
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
      ariaLabel: t('editor.wire_label', { from: nameOf(edge.source.node), to: nameOf(edge.target.node) }),
      data: {
        type: boundType(graph, catalog, edge.source, 'outputs'),
        gate: gateOfWire(gates, edge.source, edge.target),
        broken: broken.has(edge.id),
      },
    }));
  }, [graph, selected, catalog, gates, issues, t, words]);
}
