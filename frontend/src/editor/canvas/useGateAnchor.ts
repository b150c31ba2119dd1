// The pill's place, following its nodes while they are dragged.
import { type InternalNode, useStore } from '@xyflow/react';

import type { Gate, PortRef } from '../../api/types';
import { useI18n } from '../../i18n';
import type { Side } from '../document/ports';
import { useUi } from '../state/ui';
import type { CardNode } from './flowStore';
import { type Anchor, anchorOf, pillWidth } from './gateAnchor';
import { portPoint } from './shape';

export function useGateAnchor(gate: Gate | undefined): Anchor | null {
  const { words } = useI18n();
  const shown = useUi((state) => state.gates);
  const wish = gate?.rules[0] ? pillWidth(words(gate.rules[0].title)) : pillWidth('');
  return useStore((state) => {
    if (!gate || !shown) return null;
    const lookup = state.nodeLookup as Map<string, InternalNode<CardNode>>;
    return anchorOf(points(lookup, gate.sources, 'outputs'), points(lookup, gate.targets, 'inputs'), wish);
  }, same);
}

function points(lookup: Map<string, InternalNode<CardNode>>, ends: readonly PortRef[], side: Side) {
  return ends.flatMap(({ node, port }) => {
    const card = lookup.get(node);
    return card ? [portPoint(card.internals.positionAbsolute, card.data.shape, side, port)] : [];
  });
}

function same(a: Anchor | null, b: Anchor | null): boolean {
  if (a === b) return true;
  return (
    a !== null && b !== null && a.x === b.x && a.y === b.y && a.width === b.width && a.compact === b.compact
  );
}
