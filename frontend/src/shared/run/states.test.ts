import { describe, expect, it } from 'vitest';
import type { FindingAction, StepState } from '../../api/types';
import { sampleRun, sampleStep } from '../../testing/samples';
import { gateState } from './states';
import { barOf, spanOf } from './timing';

const finding = (action: FindingAction) => ({
  step: 'gate',
  rule: 'r',
  action,
  filter: 'f',
  category: 'c',
  score: null,
  message: { en: '', zh: '' },
});

describe('what a gate is doing', () => {
  it.each<[StepState, FindingAction[], string | null]>([
    ['pending', [], 'waiting'],
    ['running', [], 'checking'],
    ['done', [], 'passed'],
    ['cached', [], 'passed'],
    ['done', ['redact', 'redact'], 'redacted'],
    ['running', ['hold'], 'held'],
    ['waiting', ['redact', 'hold'], 'held'],
    ['done', ['hold'], 'passed'],
    ['done', ['redact', 'hold'], 'redacted'],
    ['withheld', ['hold'], 'blocked'],
    ['done', ['redact', 'block'], 'blocked'],
    ['withheld', [], null],
    ['failed', [], null],
    ['skipped', [], null],
  ])('with its step %s and findings %j it is %s', (state, actions, expected) => {
    expect(gateState(sampleStep({ id: 'gate', gate: true, state }), actions.map(finding))).toBe(expected);
  });
});

describe('a bar on the timeline', () => {
  const at = (seconds: number) => new Date(Date.UTC(2026, 10, 23, 12, 0, seconds)).toISOString();
  const steps = [
    sampleStep({ id: 'a', state: 'done', started: at(0), finished: at(4) }),
    sampleStep({ id: 'b', state: 'running', started: at(4) }),
    sampleStep({ id: 'c' }),
  ];
  const run = sampleRun({ state: 'running', started: at(0), steps });

  it('stands where its step stood, and a running one reaches to now', () => {
    const span = spanOf(run, Date.parse(at(8)));
    if (!span) throw new Error('something has started');
    expect(steps.map((step) => barOf(step, span))).toEqual([
      { left: 0, width: 0.5, seconds: 4 },
      { left: 0.5, width: 0.5, seconds: 4 },
      null,
    ]);
  });

  it('has nowhere to stand before anything has started', () => {
    expect(spanOf(sampleRun(), Date.now())).toBeNull();
  });

  it('does not grow once the run is over, even with a step that never ended', () => {
    const over = { ...run, state: 'cancelled', finished: at(6) } as const;
    expect(spanOf(over, Date.parse(at(99)))?.end).toBe(Date.parse(at(6)));
  });
});
