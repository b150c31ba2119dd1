// The pill's place, following its nodes while they are dragged.
import { type InternalNode, useStore } from '@xyflow/react';

import type { Gate, PortRef } from '../../api/types';
import { useI18n } from '../../i18n';
import type { Side } from '../document/ports';
import { settingOf, usePreview } from '../preview/store';
import { useUi } from '../state/ui';
import type { CardNode } from './flowStore';
import { type Anchor, anchorAbove, anchorOf, pillWidth } from './gateAnchor';
import { CARD_WIDTH, portPoint } from './shape';

export function useGateAnchor(gate: Gate | undefined): Anchor | null {
  const { words } = useI18n();
  const shown = useUi((state) => state.gates);
  const wish = gate?.rules[0] ? pillWidth(words(gate.rules[0].title)) : pillWidth('');
  const setting = gate && settingOf(gate);
  const place = usePreview((state) =>
    (state.plan ?? state.lastPlan)?.gates
      .filter((other) => setting !== undefined && settingOf(other)?.node === setting.node)
      .findIndex((other) => other.id === gate?.id),
  );
  return useStore((state) => {
    if (!gate || !shown) return null;
    const lookup = state.nodeLookup as Map<string, InternalNode<CardNode>>;
    if (setting) {
      const card = lookup.get(setting.node);
      return card
        ? anchorAbove(card.internals.positionAbsolute, CARD_WIDTH, wish, Math.max(place ?? 0, 0))
        : null;
    }
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
