// Samples for tests: a small run with a gate, and events about it. Plain values, as the server sends them.
import type { Run, RunEvent, RunStep } from '../api/types';

export const RUN_ID = '01930000-0000-7000-8000-0000000000a1';

export function sampleStep(change: Partial<RunStep> & Pick<RunStep, 'id'>): RunStep {
  return {
    node: change.id,
    type: 'text.generate',
    title: { en: `Step ${change.id}`, zh: `步骤 ${change.id}` },
    gate: false,
    state: 'pending',
    attempt: 1,
    started: null,
    finished: null,
    cost: null,
    error: null,
    waits: null,
    ...change,
  };
}

export function sampleRun(change: Partial<Run> = {}): Run {
  return {
    id: RUN_ID,
    workflow: '01930000-0000-7000-8000-0000000000b1',
    workflow_name: 'Chat with a gate',
    to: null,
    state: 'queued',
    created: '2026-11-23T12:00:00Z',
    started: null,
    finished: null,
    error: null,
    restarts: null,
    steps: [
      sampleStep({ id: 'llm' }),
      sampleStep({ id: 'gate', node: null, type: 'safety.gate', gate: true }),
      sampleStep({ id: 'answer', type: 'output.text' }),
    ],
    outputs: [],
    findings: [],
    own: true,
    inputs: { question: 'Why is the sky blue?' },
    last_event: 0,
    plan: {
      policy: { version: 1, digest: 'd' },
      inputs: [],
      outputs: [{ name: 'answer', type: 'text', title: 'Answer', node: 'answer' }],
      steps: [],
      gates: [],
    },
    ...change,
  };
}

/** `event(3, 'run.running', {})`; a live one has the number null. */
export function event<K extends RunEvent['kind']>(
  seq: number | null,
  kind: K,
  data: Extract<RunEvent, { kind: K }>['data'],
  at = '2026-11-23T12:00:01Z',
): RunEvent {
  return { run: RUN_ID, seq, kind, at, data } as RunEvent;
}
