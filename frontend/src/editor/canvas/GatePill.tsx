// A gate on its wire: sign, short name, state. A press says why it is here, what it checks, what it found.
import { Popover } from '@mantine/core';
import { memo } from 'react';

import type { Gate } from '../../api/types';
import { useI18n } from '../../i18n';
import { GateMark } from '../../shared/Marks';
import { gateLook, gateState, type Look, StateIcon, stepLook } from '../../shared/run/states';
import { usePreview } from '../preview/store';
import { useRunFindings, useStep } from '../run/store';
import { setUi, useUi } from '../state/ui';
import { PILL_HEIGHT } from './gateAnchor';
import { GateDetails } from './GateDetails';
import classes from './GatePill.module.css';
import { useGateAnchor } from './useGateAnchor';

export const GatePill = memo(function GatePill({ gate }: { readonly gate: Gate }) {
  const { t, words } = useI18n();
  const anchor = useGateAnchor(gate);
  const stale = usePreview((state) => state.plan === null);
  const open = useUi((state) => state.openGate === gate.id);
  const { state, look, count } = useGateLook(gate.id);
  if (!anchor) return null;
  const name = gate.rules[0] ? words(gate.rules[0].title) : t('editor.gate');
  const word = look && t(look.word);
  return (
    <Popover
      opened={open}
      onChange={(opened) => !opened && setUi({ openGate: null })}
      width={330}
      position="bottom"
      withArrow
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <button
          type="button"
          className={`${classes.pill} nodrag nopan`}
          style={{
            width: anchor.width,
            transform: `translate(${anchor.x - anchor.width / 2}px, ${anchor.y - PILL_HEIGHT / 2}px)`,
          }}
          data-testid={`gate-${gate.id}`}
          data-state={state}
          data-stale={stale || undefined}
          aria-label={t('editor.gate_label', { name, state: word ?? t('editor.gate_ready') })}
          title={anchor.compact ? name : undefined}
          onClick={() => setUi({ openGate: open ? null : gate.id })}
        >
          <GateMark size={17} />
          {!anchor.compact && <span className={classes.name}>{name}</span>}
          {count > 0 && <span className={classes.count}>{count}</span>}
          {look && <StateIcon look={look} size={15} />}
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <GateDetails gate={gate} />
      </Popover.Dropdown>
    </Popover>
  );
});

/** How the gate looks after the last run: null before any. */
export function useGateLook(id: string): { state: string | undefined; look: Look | null; count: number } {
  const step = useStep(id);
  const findings = useRunFindings().filter((finding) => finding.step === id);
  if (!step) return { state: undefined, look: null, count: 0 };
  const state = gateState(step, findings);
  const look = state ? gateLook(state) : stepLook(step.state);
  return { state: state ?? step.state, look, count: state === 'redacted' ? findings.length : 0 };
}
