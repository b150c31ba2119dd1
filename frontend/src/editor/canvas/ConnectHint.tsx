// Beside the pointer while a wire is drawn over a port that will not take it: the reason, in the server's words.
import { type ReactFlowState, useStore } from '@xyflow/react';
import { shallow } from 'zustand/shallow';

import { useI18n } from '../../i18n';
import classes from './Canvas.module.css';
import { portKey, useConnecting } from './connecting';

export function ConnectHint() {
  const { words } = useI18n();
  const over = useStore(portUnderPointer, shallow);
  const drag = useConnecting((state) => state.drag);
  const verdict = over && drag?.verdicts.get(portKey(over.side, over));
  if (!over || !verdict || verdict.ok) return null;
  return (
    <div
      className={classes.refusal}
      style={{ transform: `translate(${over.x + 18}px, ${over.y + 14}px)` }}
      role="status"
      data-testid="refusal"
    >
      {words(verdict.reason)}
    </div>
  );
}

/** The port that the wire's loose end is at, and where that is within the canvas: in the store, plain pixels. */
function portUnderPointer({ connection }: ReactFlowState) {
  if (!connection.inProgress || !connection.toHandle) return null;
  const { nodeId, id, type } = connection.toHandle;
  const side = type === 'target' ? ('inputs' as const) : ('outputs' as const);
  return { node: nodeId, port: id ?? '', side, x: connection.to.x, y: connection.to.y };
}
