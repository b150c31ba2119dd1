import { describe, expect, it } from 'vitest';

import type { RunStep } from '../../api/types';
import { sampleRun, sampleStep } from '../../testing/samples';
import { titleOfOutput } from '../../shared/run/titleOfOutput';
import { stepsOfNodes } from './stepsOfNodes';

const part = (id: string, change: Partial<RunStep> = {}) => sampleStep({ id, node: 'w', ...change });

describe('the steps of a node', () => {
  it('a node of one step looks like it, whatever else the server has placed for it', () => {
    const own = sampleStep({ id: 'm', state: 'done' });
    const shown = sampleStep({ id: 'shown:m.text', node: 'm', state: 'pending' });
    expect(stepsOfNodes([own, shown]).get('m')).toBe(own);
  });

  it('a node of several steps goes on until the last has ended, and fails with any', () => {
    const state = (...states: RunStep['state'][]) =>
      stepsOfNodes(states.map((one, number) => part(`w/${number}`, { state: one }))).get('w')?.state;
    expect(state('pending', 'pending')).toBe('pending');
    expect(state('done', 'pending')).toBe('running');
    expect(state('done', 'skipped')).toBe('done');
    expect(state('skipped', 'skipped')).toBe('skipped');
    expect(state('done', 'failed', 'cancelled')).toBe('failed');
    expect(state('done', 'waiting')).toBe('waiting');
  });

  it('takes from the first beginning to the last end', () => {
    const steps = [
      part('w/a', { state: 'done', started: '2026-01-01T00:00:01Z', finished: '2026-01-01T00:00:02Z' }),
      part('w/b', { state: 'done', started: '2026-01-01T00:00:03Z', finished: '2026-01-01T00:00:09Z' }),
    ];
    const { started, finished } = stepsOfNodes(steps).get('w') ?? {};
    expect([started, finished]).toEqual(['2026-01-01T00:00:01Z', '2026-01-01T00:00:09Z']);
  });
});

describe('what a partial run shows', () => {
  const step = {
    id: 'm',
    type: 't',
    title: { en: 'Ask', zh: '询问' },
    node: 'm',
    segment: 0,
    resource: 'cpu',
  };
  const output = (name: string) => ({ name, type: 'text' as const, title: '', node: 'm' });
  const title = (...names: string[]) => {
    const plan = { ...sampleRun().plan, steps: [step], outputs: names.map(output) };
    return plan.outputs.map((one) => titleOfOutput(plan, one, (words) => words.zh));
  };

  it('is called by its node, and by its port where there are several', () => {
    expect(title('m.text')).toEqual(['询问']);
    expect(title('m.text', 'm.reasons')).toEqual(['询问 · text', '询问 · reasons']);
  });
});
