import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen } from '@testing-library/react';
import { expect, it } from 'vitest';

import { reduceRun, viewOf } from '../../api/runState';
import type { RunStep } from '../../api/types';
import { useLanguage } from '../../i18n';
import { event, sampleRun } from '../../testing/samples';
import { Outcome } from './Outcome';
import { stepLook } from './states';

const error = { code: 'busy', message: { en: 'It is busy.', zh: '正忙。' }, hint: null, node: 'llm' };
const inAMinute = () => new Date(Date.now() + 64_900).toISOString();
const retry = (until: string): RunStep['waits'] => ({ for: 'retry', until, seconds: 60, number: 2, of: 3 });

function waiting(waits: RunStep['waits']) {
  const { run } = [
    event(1, 'run.running', {}),
    event(2, 'step.waiting', { step: 'llm', seconds: 1, cost: null, error, waits }),
    event(3, 'run.waiting', {}),
  ].reduce(reduceRun, viewOf(sampleRun()));
  return run;
}

function show(waits: RunStep['waits'], language: 'en' | 'zh' = 'en'): void {
  useLanguage.setState({ language });
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MantineProvider>
        <Outcome run={waiting(waits)} mayRun />
      </MantineProvider>
    </QueryClientProvider>,
  );
}

it.each([
  ['en', 'Tried again in 1 min 5 s, 2 of 3.', /It is busy\./],
  ['zh', '1 分 5 秒后重试，第 2 次，共 3 次。', /正忙。/],
] as const)('says in %s when a step is tried again, and why', (language, sentence, why) => {
  show(retry(inAMinute()), language);
  expect(screen.getByText(sentence)).toBeInTheDocument();
  expect(screen.getByText(why)).toBeInTheDocument();
});

it.each([
  ['en', /^Goes on in 1 min 5 s, at /],
  ['zh', /^1 分 5 秒后（.*）继续。$/],
] as const)('says in %s when a wait that was drawn ends', (language, sentence) => {
  show({ for: 'time', until: inAMinute(), seconds: 65, number: null, of: null }, language);
  expect(screen.getByText(sentence)).toBeInTheDocument();
});

it('says that the moment has come when it has', () => {
  show(retry('2026-01-01T00:00:00Z'));
  expect(screen.getByText(/as soon as a worker is free, 2 of 3/)).toBeInTheDocument();
});

it('says that a person has to decide where a gate waits', () => {
  show(null);
  expect(screen.getByText('A person has to decide')).toBeInTheDocument();
});

it('forgets what a step waited for once it runs', () => {
  const run = waiting(retry(inAMinute()));
  const { run: next } = reduceRun(viewOf(run), event(4, 'step.running', { step: 'llm', attempt: 2 }));
  const [before, after] = [run.steps[0], next.steps[0]];
  if (!before || !after) throw new Error('there is a step');
  expect([stepLook(before).word, stepLook(after).word]).toEqual(['runs.step_retry', 'runs.step_running']);
  expect(after.waits).toBeNull();
});
