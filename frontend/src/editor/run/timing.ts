// How long a step took.
import type { RunStep } from '../../api/types';

export function secondsOf(step: RunStep | undefined): number | null {
  if (!step?.started || !step.finished) return null;
  return Math.max(0, (Date.parse(step.finished) - Date.parse(step.started)) / 1000);
}
