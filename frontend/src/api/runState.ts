// What a run looks like while its events arrive: a pure step from one picture to the next.
import { isOver } from './runs';
import type { Finding, Iso, Problem, Run, RunEvent, RunState, RunStep, StepState, Words } from './types';

export interface StepProgress {
  readonly done: number;
  readonly total: number | null;
  readonly note: Words | null;
}

/** A run as stored, and beside it what lives only while it moves. */
export interface RunView {
  readonly run: Run;
  /** The last durable event that is in the picture. */
  readonly seq: number;
  readonly position: number | null;
  /** Whether it is further back in the queue than its position, which is then the last that is told. */
  readonly beyond: boolean;
  readonly progress: Readonly<Record<string, StepProgress>>;
  /** Released text by output name: the whole text so far, never a piece. */
  readonly partials: Readonly<Record<string, string>>;
  readonly previews: Readonly<Record<string, string>>;
}

export function viewOf(run: Run): RunView {
  return {
    run,
    seq: run.last_event,
    position: null,
    beyond: false,
    progress: {},
    partials: {},
    previews: {},
  };
}

/** The newer of two pictures. A run that was read while its events came may be older than what they have made of it. */
export function newerOf(known: RunView | undefined, read: RunView): RunView {
  return known !== undefined && known.seq > read.seq ? known : read;
}

/** The picture after one event. A durable event that is already in it changes nothing. */
export function reduceRun(view: RunView, event: RunEvent): RunView {
  if (event.run !== view.run.id) return view;
  if (event.seq === null) return reduceLive(view, event);
  if (event.seq <= view.seq) return view;
  const next = reduceDurable(view, event);
  return { ...next, seq: event.seq, run: { ...next.run, last_event: event.seq } };
}

function reduceDurable(view: RunView, event: RunEvent): RunView {
  switch (event.kind) {
    case 'run.queued':
      return withRun(view, { state: 'queued' });
    case 'run.running':
      return {
        ...withRun(view, { state: 'running', started: view.run.started ?? event.at }),
        position: null,
        beyond: false,
      };
    case 'run.waiting':
      return withRun(view, { state: 'waiting' });
    case 'run.failed':
      return ended(view, 'failed', event.at, event.data.error);
    case 'run.succeeded':
      return ended(view, 'succeeded', event.at);
    case 'run.cancelled':
      return ended(view, 'cancelled', event.at);
    case 'run.blocked':
      return ended(view, 'blocked', event.at, event.data.error);
    case 'step.running':
      return withStep(view, event.data.step, {
        state: 'running',
        attempt: event.data.attempt,
        started: event.at,
        finished: null,
        error: null,
        waits: null,
      });
    case 'step.waiting':
      return withStep(view, event.data.step, {
        state: 'waiting',
        waits: event.data.waits ?? null,
        error: event.data.error,
      });
    case 'step.decided':
    case 'step.answered':
      // Said once: it goes on as soon as a worker is free, or ends with the run.
      return withStep(view, event.data.step, {
        waits: { for: 'time', until: event.at, seconds: 0, number: null, of: null },
        error: null,
      });
    case 'step.done':
    case 'step.cached':
    case 'step.skipped':
    case 'step.withheld':
    case 'step.failed':
    case 'step.cancelled':
      return stepEnded(view, event);
    case 'gate.finding':
      return withRun(view, { findings: [...view.run.findings, event.data] });
    case 'output':
      return withOutput(view, event.data);
    default:
      return view; // A kind that this page does not know yet: newer servers may say more.
  }
}

function reduceLive(view: RunView, event: RunEvent): RunView {
  // A live frame may be late; once the run is over, only what was stored counts.
  if (isOver(view.run.state)) return view;
  switch (event.kind) {
    case 'step.progress': {
      const { step, done, total, note } = event.data;
      return { ...view, progress: { ...view.progress, [step]: { done, total, note } } };
    }
    case 'output.partial':
      return { ...view, partials: { ...view.partials, [event.data.name]: event.data.text } };
    case 'step.preview':
      return { ...view, previews: { ...view.previews, [event.data.step]: event.data.image } };
    case 'queue.position':
      return { ...view, position: event.data.position, beyond: event.data.beyond };
    default:
      return view;
  }
}

function withRun(view: RunView, change: Partial<Run>): RunView {
  return { ...view, run: { ...view.run, ...change } };
}

function withStep(view: RunView, id: string, change: Partial<RunStep>): RunView {
  return withRun(view, {
    steps: view.run.steps.map((step) => (step.id === id ? { ...step, ...change } : step)),
  });
}

type StepEndEvent = Extract<
  RunEvent,
  { kind: `step.${'done' | 'cached' | 'skipped' | 'withheld' | 'failed' | 'cancelled'}` }
>;

function stepEnded(view: RunView, event: StepEndEvent): RunView {
  const { step: id, seconds, cost, error } = event.data;
  const step = view.run.steps.find((candidate) => candidate.id === id);
  const started = step?.started ?? (seconds === null ? null : before(event.at, seconds));
  const next = withStep(view, id, {
    state: event.kind.slice('step.'.length) as StepState,
    started,
    finished: event.at,
    cost,
    error,
    waits: null,
  });
  return { ...next, progress: without(next.progress, id), previews: without(next.previews, id) };
}

function withOutput(
  view: RunView,
  output: { name: string; type: Run['outputs'][number]['type']; value: unknown },
) {
  const title = view.run.plan.outputs.find((promised) => promised.name === output.name)?.title ?? output.name;
  const others = view.run.outputs.filter((known) => known.name !== output.name);
  const outputs = [...others, { ...output, title }] as Run['outputs'];
  return { ...withRun(view, { outputs }), partials: without(view.partials, output.name) };
}

/** A run that ends takes its moving parts with it: withheld text must not stay on the screen as a partial. */
function ended(view: RunView, state: RunState, at: Iso, error: Problem | null = null): RunView {
  const next = withRun(view, { state, finished: at, error: error ?? view.run.error });
  return { ...next, position: null, beyond: false, progress: {}, partials: {}, previews: {} };
}

function before(at: Iso, seconds: number): Iso {
  return new Date(new Date(at).getTime() - seconds * 1000).toISOString();
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
}

/** The run got past this step: what failed, was withheld or cancelled is not behind it. */
export function isBehind({ state }: RunStep): boolean {
  return state === 'done' || state === 'cached' || state === 'skipped';
}

/** The findings of one step. */
export function findingsOf(run: Run, step: string): readonly Finding[] {
  return run.findings.filter((finding) => finding.step === step);
}
