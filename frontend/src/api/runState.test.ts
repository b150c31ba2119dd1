import { describe, expect, it } from 'vitest';
import { event, RUN_ID, sampleRun, sampleStep } from '../testing/samples';
import { isBehind, newerOf, reduceRun, viewOf, type RunView } from './runState';
import type { RunEvent } from './types';

const finding = {
  step: 'gate',
  rule: 'person-text',
  action: 'block',
  filter: 'safety.words',
  category: 'S9',
  score: 1,
  message: { en: 'A word.', zh: '一个词。' },
} as const;
const end = { seconds: 0.5, cost: { device: 'cpu', tokens: 31 }, error: null };

const story: readonly RunEvent[] = [
  event(1, 'run.queued', {}),
  event(2, 'run.running', {}, '2026-11-23T12:00:02Z'),
  event(3, 'step.running', { step: 'llm', attempt: 1 }, '2026-11-23T12:00:02Z'),
  event(4, 'step.done', { step: 'llm', ...end }, '2026-11-23T12:00:04Z'),
  event(5, 'output', { name: 'answer', type: 'text', value: 'Blue.' }),
  event(6, 'run.succeeded', {}, '2026-11-23T12:00:05Z'),
];
const after = (events: readonly RunEvent[], start: RunView = viewOf(sampleRun())) =>
  events.reduce(reduceRun, start);

describe('a run, event by event', () => {
  it('ends as its events tell', () => {
    const { run, seq } = after(story);
    expect(run.state).toBe('succeeded');
    expect([run.started, run.finished]).toEqual(['2026-11-23T12:00:02Z', '2026-11-23T12:00:05Z']);
    expect(run.steps[0]).toMatchObject({ state: 'done', finished: '2026-11-23T12:00:04Z', cost: end.cost });
    expect(run.outputs).toEqual([{ name: 'answer', title: 'Answer', type: 'text', value: 'Blue.' }]);
    expect([seq, run.last_event]).toEqual([6, 6]);
  });

  it('is the same when every durable event comes twice, or an old one comes late', () => {
    const twice = story.flatMap((one) => [one, one]);
    expect(after([...twice, ...story.slice(0, 3)])).toEqual(after(story));
  });

  it('changes nothing of the view before', () => {
    const start = viewOf(sampleRun());
    const before = structuredClone(start);
    after(story, start);
    expect(start).toEqual(before);
  });

  it('leaves the events of another run alone', () => {
    const start = viewOf(sampleRun());
    expect(reduceRun(start, { ...event(1, 'run.running', {}), run: RUN_ID.replace('a1', 'a2') })).toBe(start);
  });

  it('starts from a stored run and takes only what is newer', () => {
    const stored = viewOf(sampleRun({ state: 'running', last_event: 4 }));
    expect(after(story.slice(0, 4), stored)).toBe(stored);
    expect(after(story, stored).run.state).toBe('succeeded');
  });

  it('knows when a step began, even if only its end was seen', () => {
    const view = after([event(4, 'step.done', { step: 'llm', ...end }, '2026-11-23T12:00:04.000Z')]);
    expect(view.run.steps[0]?.started).toBe('2026-11-23T12:00:03.500Z');
  });

  it('keeps a newer server’s unknown kinds from breaking it', () => {
    const strange = { ...event(1, 'run.queued', {}), kind: 'run.dreaming' } as unknown as RunEvent;
    expect(after([strange]).run.state).toBe('queued');
    expect(after([strange]).seq).toBe(1);
  });
});

describe('what lives only while it moves', () => {
  const moving = [
    event(null, 'queue.position', { position: 3, beyond: false }),
    event(2, 'run.running', {}),
    event(3, 'step.running', { step: 'llm', attempt: 1 }),
    event(null, 'step.progress', { step: 'llm', done: 2, total: 12, note: null }),
    event(null, 'output.partial', { name: 'answer', step: 'gate', text: 'Bl' }),
    event(null, 'output.partial', { name: 'answer', step: 'gate', text: 'Blue' }),
    event(null, 'step.preview', { step: 'llm', image: 'data:image/png;base64,AA==' }),
  ];

  it('shows the newest of each', () => {
    const view = after(moving);
    expect(view).toMatchObject({
      position: null,
      progress: { llm: { done: 2, total: 12 } },
      partials: { answer: 'Blue' },
    });
    expect(after(moving.slice(0, 1)).position).toBe(3);
  });

  it('knows a run that is far back from one with a place', () => {
    const far = event(null, 'queue.position', { position: 50, beyond: true });
    expect(after([far])).toMatchObject({ position: 50, beyond: true });
    expect(after([far, ...moving.slice(0, 1)])).toMatchObject({ position: 3, beyond: false });
    expect(after([far, ...moving.slice(1)])).toMatchObject({ position: null, beyond: false });
  });

  it('goes with the step that it belongs to', () => {
    const view = after([...moving, event(4, 'step.done', { step: 'llm', ...end })]);
    expect([view.progress, view.previews]).toEqual([{}, {}]);
  });

  it('gives way to the delivered output', () => {
    const view = after([...moving, event(5, 'output', { name: 'answer', type: 'text', value: 'Blue.' })]);
    expect(view.partials).toEqual({});
  });

  it('leaves no withheld text on the screen when a gate blocks the run', () => {
    const view = after([
      ...moving,
      event(4, 'gate.finding', finding),
      event(5, 'run.blocked', { outputs: ['answer'] }),
      event(null, 'output.partial', { name: 'answer', step: 'gate', text: 'late frame' }),
    ]);
    expect(view.run.findings).toEqual([finding]);
    expect(view.run.state).toBe('blocked');
    expect([view.partials, view.previews, view.progress]).toEqual([{}, {}, {}]);
  });
});

it('is not set back by a run that was read before its last events', () => {
  const read = viewOf(sampleRun());
  const known = story.reduce(reduceRun, read);
  expect(newerOf(known, read)).toBe(known);
  expect(newerOf(undefined, read)).toBe(read);
  // Of the same moment the stored run has the last word.
  const stored = { ...known };
  expect(newerOf(known, stored)).toBe(stored);
});

it('keeps the error of a failed run, and of the step that failed', () => {
  const problem = {
    code: 'model_missing',
    message: { en: 'Missing.', zh: '缺失。' },
    hint: null,
    node: 'llm',
  };
  const { run } = after([
    event(1, 'step.failed', { step: 'llm', seconds: 1, cost: null, error: problem }),
    event(2, 'run.failed', { error: problem }),
  ]);
  expect([run.state, run.error, run.steps[0]?.error]).toEqual(['failed', problem, problem]);
});

it('counts as behind it only the steps that it got past', () => {
  const states = [
    'pending',
    'running',
    'waiting',
    'done',
    'cached',
    'skipped',
    'withheld',
    'failed',
    'cancelled',
  ] as const;
  const behind = states.filter((state) => isBehind(sampleStep({ id: 'llm', state })));
  expect(behind).toEqual(['done', 'cached', 'skipped']);
});

it('waits for a person, and goes on when one has decided', () => {
  const waiting = after([
    event(1, 'step.waiting', { step: 'llm', seconds: 1, cost: null, error: null, waits: null }),
    event(2, 'run.waiting', {}),
  ]);
  expect([waiting.run.state, waiting.run.steps[0]?.state]).toEqual(['waiting', 'waiting']);
  expect(waiting.run.steps[0]?.finished).toBeNull();
  const { run } = reduceRun(waiting, event(3, 'run.running', {}));
  expect(run.state).toBe('running');
});
