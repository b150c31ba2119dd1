// The run that the editor shows, apart from the drawing: a card listens to its own step and to nothing else.
import { create } from 'zustand';

import type { RunView, StepProgress } from '../../api/runState';
import type { StreamStatus } from '../../api/runStream';
import { isOver } from '../../api/runs';
import type { Finding, Id, OutputValue, RunStep } from '../../api/types';
import { stepsOfNodes } from './stepsOfNodes';

interface ShownRun {
  readonly id: Id | null;
  readonly view: RunView | null;
  readonly status: StreamStatus;
  readonly byNode: ReadonlyMap<string, RunStep>;
  readonly byStep: ReadonlyMap<string, RunStep>;
}

const NO_STEPS: ReadonlyMap<string, RunStep> = new Map();

export const useRun = create<ShownRun>()(() => ({
  id: null,
  view: null,
  status: 'ended',
  byNode: NO_STEPS,
  byStep: NO_STEPS,
}));

export function showRun(id: Id | null): void {
  useRun.setState({ id, view: null, byNode: NO_STEPS, byStep: NO_STEPS });
}

export function acceptView(view: RunView, status: StreamStatus): void {
  useRun.setState((state) => {
    if (state.view === view && state.status === status) return state;
    if (state.view?.run.steps === view.run.steps) return { view, status };
    const { steps } = view.run;
    return {
      view,
      status,
      byStep: new Map(steps.map((step) => [step.id, step])),
      byNode: stepsOfNodes(steps),
    };
  });
}

export function useStepOfNode(node: string): RunStep | undefined {
  return useRun((state) => state.byNode.get(node));
}

export function useStep(id: string): RunStep | undefined {
  return useRun((state) => state.byStep.get(id));
}

export function useProgress(step: string | undefined): StepProgress | undefined {
  return useRun((state) => (step === undefined ? undefined : state.view?.progress[step]));
}

export function usePicture(step: string | undefined): string | undefined {
  return useRun((state) => (step === undefined ? undefined : state.view?.previews[step]));
}

/** What an output has given so far: a cleared value, or the text that its gate has released until now. */
export function useOutput(name: string | undefined): OutputValue | undefined {
  return useRun((state) => {
    if (name === undefined || !state.view) return undefined;
    const done = state.view.run.outputs.find((output) => output.name === name);
    return done ? done.value : state.view.partials[name];
  });
}

export function useIsRunning(): boolean {
  return useRun((state) => state.view !== null && !isOver(state.view.run.state));
}

const NO_FINDINGS: readonly Finding[] = [];

export function useRunFindings(): readonly Finding[] {
  return useRun((state) => state.view?.run.findings ?? NO_FINDINGS);
}
