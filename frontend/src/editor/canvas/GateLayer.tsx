// The gates that the server will insert, drawn above the wires. They are no nodes: nothing can move or delete them.
import { ViewportPortal } from '@xyflow/react';

import type { Gate } from '../../api/types';
import { usePreview } from '../preview/store';
import { useUi } from '../state/ui';
import { GatePill } from './GatePill';

const NONE: readonly Gate[] = [];

export function useGates(): readonly Gate[] {
  return usePreview((state) => (state.plan ?? state.lastPlan)?.gates ?? NONE);
}

export function GateLayer() {
  const gates = useGates();
  const shown = useUi((state) => state.gates);
  if (!shown) return null;
  return (
    <ViewportPortal>
      {gates.map((gate) => (
        <GatePill key={gate.id} gate={gate} />
      ))}
    </ViewportPortal>
  );
}
