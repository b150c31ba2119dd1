// A gate on its wire, as a locked node: sign, the rule's name, lock or state, and what its filters do. Looking at it
// (pointer or focus) says why it is here, what it costs and what it found; a press keeps that open.
import { Popover } from '@mantine/core';
import { IconEraser, IconHandStop, IconLock, IconUserQuestion, type Icon } from '@tabler/icons-react';
import { memo, useId } from 'react';

import type { FindingAction, Gate } from '../../api/types';
import { useI18n } from '../../i18n';
import { GateMark } from '../../shared/Marks';
import { gateLook, gateState, type Look, StateIcon, stepLook } from '../../shared/run/states';
import { usePreview } from '../preview/store';
import { useRunFindings, useStep } from '../run/store';
import { setUi, useUi } from '../state/ui';
import { actionWord } from '../../shared/actionWord';
import { COMPACT_HEIGHT, PILL_HEIGHT } from './gateAnchor';
import { GateDetails } from './GateDetails';
import classes from './GatePill.module.css';
import { useGateAnchor } from './useGateAnchor';
import { usePeek } from './usePeek';

export const GatePill = memo(function GatePill({ gate }: { readonly gate: Gate }) {
  const { t, words } = useI18n();
  const card = useId();
  const anchor = useGateAnchor(gate);
  const stale = usePreview((state) => state.plan === null);
  const kept = useUi((state) => state.openGate === gate.id);
  const peek = usePeek();
  const { state, look, count } = useGateLook(gate.id);
  if (!anchor) return null;
  const name = gate.rules[0] ? words(gate.rules[0].title) : t('editor.gate');
  const word = look && t(look.word);
  const open = kept || peek.open;
  const height = anchor.compact ? COMPACT_HEIGHT : PILL_HEIGHT;
  const close = (): void => {
    peek.shut();
    if (kept) setUi({ openGate: null });
  };
  return (
    <Popover
      opened={open}
      onChange={(opened) => !opened && close()}
      width={340}
      position="bottom"
      withArrow
      trapFocus={kept}
      returnFocus={kept}
    >
      <Popover.Target>
        <button
          type="button"
          className={`${classes.pill} nodrag nopan`}
          style={{
            width: anchor.width,
            height,
            transform: `translate(${anchor.x - anchor.width / 2}px, ${anchor.y - height / 2}px)`,
          }}
          data-testid={`gate-${gate.id}`}
          data-state={state}
          data-stale={stale || undefined}
          data-compact={anchor.compact || undefined}
          aria-label={t('editor.gate_label', { name, state: word ?? t('editor.gate_ready') })}
          aria-describedby={open ? card : undefined}
          onClick={() => setUi({ openGate: kept ? null : gate.id })}
          onKeyDown={(event) => {
            if (event.key === 'Escape') close();
            // Whoever selects all speaks of the drawing from then on, and no longer of this gate.
            if (event.key.toLowerCase() === 'a' && (event.ctrlKey || event.metaKey))
              event.currentTarget.blur();
            // It is not the gate that would go, but whatever is selected.
            if (event.key === 'Delete' || event.key === 'Backspace') event.stopPropagation();
          }}
          {...peek.on}
        >
          <span className={classes.line}>
            <GateMark size={17} />
            {!anchor.compact && <span className={classes.name}>{name}</span>}
            {count > 0 && <span className={classes.count}>{count}</span>}
            {look ? <StateIcon look={look} size={15} /> : <IconLock size={13} stroke={1.6} aria-hidden />}
          </span>
          {!anchor.compact && <Actions gate={gate} />}
        </button>
      </Popover.Target>
      <Popover.Dropdown id={card} {...peek.card}>
        <GateDetails gate={gate} />
      </Popover.Dropdown>
    </Popover>
  );
});

const SIGNS: readonly (readonly [FindingAction, Icon])[] = [
  ['redact', IconEraser],
  ['hold', IconUserQuestion],
  ['block', IconHandStop],
];

/** How many filters take out, ask a person, or stop. The card names them. */
function Actions({ gate }: { readonly gate: Gate }) {
  const i18n = useI18n();
  return (
    <span className={classes.actions}>
      {SIGNS.map(([action, Sign]) => {
        const filters = gate.filters.filter((filter) => filter.action === action);
        if (filters.length === 0) return null;
        const names = i18n.format.list(filters.map((filter) => i18n.words(filter.title)));
        const title = i18n.t('gates.filters_act', { title: names, action: actionWord(i18n, action) });
        return (
          <span key={action} title={title}>
            <Sign size={12} stroke={1.6} aria-hidden />
            {filters.length}
          </span>
        );
      })}
    </span>
  );
}

/** How the gate looks after the last run: null before any. */
export function useGateLook(id: string): { state: string | undefined; look: Look | null; count: number } {
  const step = useStep(id);
  const findings = useRunFindings().filter((finding) => finding.step === id);
  if (!step) return { state: undefined, look: null, count: 0 };
  const state = gateState(step, findings);
  const look = state ? gateLook(state) : stepLook(step);
  return { state: state ?? step.state, look, count: state === 'redacted' ? findings.length : 0 };
}
