import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen } from '@testing-library/react';
import { expect, it } from 'vitest';

import { reduceRun, viewOf, type RunView } from '../../api/runState';
import { useLanguage } from '../../i18n';
import { event, sampleRun } from '../../testing/samples';
import { RunProgress } from './RunProgress';

const note = { en: 'Loading the model starter', zh: '正在加载模型 starter' };
const claimed = [event(1, 'run.running', {})].reduce(reduceRun, viewOf(sampleRun()));
const loading = [
  event(2, 'step.running', { step: 'llm', attempt: 1 }),
  event(null, 'step.progress', { step: 'llm', done: 0, total: 0, note }),
].reduce(reduceRun, claimed);

function show(view: RunView, language: 'en' | 'zh'): void {
  useLanguage.setState({ language });
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MantineProvider>
        <RunProgress view={view} status="live" />
      </MantineProvider>
    </QueryClientProvider>,
  );
}

it.each(['en', 'zh'] as const)('says in %s what a step does that has nothing to count yet', (language) => {
  show(loading, language);
  expect(screen.getByText((text) => text.endsWith(` · ${note[language]}`))).toBeInTheDocument();
});

it('says that the worker gets ready while no step has begun', () => {
  show(claimed, 'en');
  expect(screen.getByText(/ · the worker gets ready$/)).toBeInTheDocument();
});
