// What a run says of each drawn node. Several steps may stand for one: then the node looks as they do together.
import type { RunStep, StepState } from '../../api/types';

/** The first that any of the steps is in tells how the node is; behind them, all are over. */
const LOUDEST: readonly StepState[] = [
  'failed',
  'running',
  'waiting',
  'withheld',
  'cancelled',
  'pending',
  'done',
];

export function stepsOfNodes(steps: readonly RunStep[]): ReadonlyMap<string, RunStep> {
  const parts = new Map<string, RunStep[]>();
  for (const step of steps) {
    if (step.node !== null) parts.set(step.node, [...(parts.get(step.node) ?? []), step]);
  }
  return new Map(
    [...parts].map(([node, own]) => [node, own.find(({ id }) => id === node) ?? together(node, own)]),
  );
}

function together(node: string, parts: readonly RunStep[]): RunStep {
  const [first] = parts;
  if (!first) throw new Error('a node has at least one step');
  const begun = parts.map((step) => step.started).filter((moment) => moment !== null);
  const ended = parts.map((step) => step.finished).filter((moment) => moment !== null);
  const state = stateOf(parts);
  const over = !['running', 'waiting', 'pending'].includes(state);
  return {
    ...first,
    id: node,
    state,
    started: begun.toSorted()[0] ?? null,
    finished: over ? (ended.toSorted().at(-1) ?? null) : null,
    error: parts.find((step) => step.error !== null)?.error ?? null,
    waits: parts.find((step) => step.state === 'waiting')?.waits ?? null,
  };
}

function stateOf(parts: readonly RunStep[]): StepState {
  const states = new Set(parts.map((step) => step.state));
  // Between two of its steps it goes on, although none of them runs.
  if (states.has('pending') && states.has('done') && !states.has('failed')) return 'running';
  return LOUDEST.find((state) => states.has(state)) ?? 'skipped';
}
