// Every state as an icon, a word and a tone: one table, so that a state looks the same everywhere.
import {
  IconAlertTriangle,
  IconArrowRampRight,
  IconBolt,
  IconCheck,
  IconClock,
  IconEraser,
  IconHandStop,
  IconHourglass,
  IconPlayerStop,
  IconRefresh,
  IconUserQuestion,
  type Icon,
} from '@tabler/icons-react';
import type { Finding, RunState, RunStep, StepState } from '../../api/types';
import type { PlainKey } from '../../i18n';
import { Spinner } from '../Spinner';
import classes from './states.module.css';

export type Tone = 'muted' | 'accent' | 'ok' | 'warn' | 'bad';
export interface Look {
  /** No icon means the turning ring. */
  readonly icon: Icon | null;
  readonly tone: Tone;
  readonly word: PlainKey;
}

const RUN_LOOKS: Record<RunState, Look> = {
  queued: { icon: IconClock, tone: 'muted', word: 'runs.state_queued' },
  running: { icon: null, tone: 'accent', word: 'runs.state_running' },
  waiting: { icon: IconClock, tone: 'warn', word: 'runs.state_waiting' },
  succeeded: { icon: IconCheck, tone: 'ok', word: 'runs.state_succeeded' },
  failed: { icon: IconAlertTriangle, tone: 'bad', word: 'runs.state_failed' },
  cancelled: { icon: IconPlayerStop, tone: 'muted', word: 'runs.state_cancelled' },
  blocked: { icon: IconHandStop, tone: 'bad', word: 'runs.state_blocked' },
};

const STEP_LOOKS: Record<StepState, Look> = {
  pending: { icon: IconClock, tone: 'muted', word: 'runs.step_pending' },
  running: { icon: null, tone: 'accent', word: 'runs.step_running' },
  waiting: { icon: IconUserQuestion, tone: 'warn', word: 'runs.step_waiting' },
  done: { icon: IconCheck, tone: 'ok', word: 'runs.step_done' },
  cached: { icon: IconBolt, tone: 'muted', word: 'runs.step_cached' },
  skipped: { icon: IconArrowRampRight, tone: 'muted', word: 'runs.step_skipped' },
  withheld: { icon: IconHandStop, tone: 'warn', word: 'runs.step_withheld' },
  failed: { icon: IconAlertTriangle, tone: 'bad', word: 'runs.step_failed' },
  cancelled: { icon: IconPlayerStop, tone: 'muted', word: 'runs.step_cancelled' },
};

export type GateState = 'waiting' | 'checking' | 'passed' | 'redacted' | 'held' | 'blocked';

const GATE_LOOKS: Record<GateState, Look> = {
  waiting: { icon: IconClock, tone: 'muted', word: 'runs.gate_waiting' },
  checking: { icon: null, tone: 'accent', word: 'runs.gate_checking' },
  passed: { icon: IconCheck, tone: 'ok', word: 'runs.gate_passed' },
  redacted: { icon: IconEraser, tone: 'accent', word: 'runs.gate_redacted' },
  held: { icon: IconUserQuestion, tone: 'warn', word: 'runs.gate_held' },
  blocked: { icon: IconHandStop, tone: 'bad', word: 'runs.gate_blocked' },
};

export function runLook(state: RunState): Look {
  return RUN_LOOKS[state];
}

/** What it waits for decides how a waiting step looks; a gate says nothing, and waits for a reviewer. */
const WAIT_LOOKS: Record<NonNullable<RunStep['waits']>['for'], Look> = {
  retry: { icon: IconRefresh, tone: 'muted', word: 'runs.step_retry' },
  decision: { icon: IconUserQuestion, tone: 'warn', word: 'runs.step_decision' },
  answer: { icon: IconUserQuestion, tone: 'warn', word: 'runs.step_answer' },
  time: { icon: IconHourglass, tone: 'muted', word: 'runs.step_time' },
};

export function stepLook({ state, waits }: Pick<RunStep, 'state' | 'waits'>): Look {
  return state === 'waiting' && waits ? WAIT_LOOKS[waits.for] : STEP_LOOKS[state];
}

export function gateLook(state: GateState): Look {
  return GATE_LOOKS[state];
}

/** What a gate is doing, from its step and what it found; null when a step's own word says more: failed, skipped,
 * or withheld by a gate before it. */
export function gateState(step: RunStep, findings: readonly Finding[]): GateState | null {
  if (findings.some((finding) => finding.action === 'block')) return 'blocked';
  const held = findings.some((finding) => finding.action === 'hold');
  switch (step.state) {
    case 'waiting':
      return 'held';
    case 'withheld':
      return held ? 'blocked' : null; // a person decided so, or nobody did in time
    case 'pending':
      return 'waiting';
    case 'running':
      return held ? 'held' : 'checking';
    case 'done':
    case 'cached':
      return findings.some((finding) => finding.action === 'redact') ? 'redacted' : 'passed';
    default:
      return null;
  }
}

interface StateIconProps {
  readonly look: Look;
  readonly size?: number;
}

/** The icon alone; whoever uses it puts the word beside it, or in a label. */
export function StateIcon({ look, size = 15 }: StateIconProps) {
  if (look.icon === null) return <Spinner size={size - 1} />;
  const Sign = look.icon;
  return <Sign size={size} stroke={1.5} className={classes[look.tone]} aria-hidden />;
}
