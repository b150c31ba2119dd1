// Where each step's bar stands on the timeline: pure arithmetic over the run's own times.
import type { Run, RunStep } from '../../api/types';

export interface Bar {
  /** Shares of the whole width, 0 to 1. */
  readonly left: number;
  readonly width: number;
  readonly seconds: number;
}

export interface Span {
  readonly start: number;
  readonly end: number;
}

const at = (iso: string) => new Date(iso).getTime();

/** From the run's first movement to its end, or to now while it moves. Null before anything has started. */
export function spanOf(run: Run, now: number): Span | null {
  const starts = run.steps.flatMap((step) => (step.started ? [at(step.started)] : []));
  if (starts.length === 0) return null;
  const ends = run.steps.flatMap((step) => (step.finished ? [at(step.finished)] : []));
  const moving = run.steps.some((step) => step.started && !step.finished);
  const end = Math.max(...ends, moving && !run.finished ? now : 0, run.finished ? at(run.finished) : 0);
  const start = Math.min(...starts);
  return { start, end: Math.max(end, start + 1) };
}

/** A step's bar, or null when it never ran. */
export function barOf(step: RunStep, span: Span): Bar | null {
  if (!step.started) return null;
  const start = at(step.started);
  const end = Math.max(step.finished ? at(step.finished) : span.end, start);
  const whole = span.end - span.start;
  return { left: (start - span.start) / whole, width: (end - start) / whole, seconds: (end - start) / 1000 };
}
