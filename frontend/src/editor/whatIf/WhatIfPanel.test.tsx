import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { act, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { makeQueryClient } from '../../api/queries';
import type { Asset, Tried } from '../../api/types';
import { useLanguage } from '../../i18n';
import { useDocument } from '../document/store';
import { CATALOG, edge, gate, graph, node } from '../document/testing';
import { acceptPreview } from '../preview/store';
import { useEditor } from '../state/editor';
import { forgetTrying, setMaterial, tryGate } from './store';
import { WhatIfPanel } from './WhatIfPanel';

const WORDS = { en: 'Word lists', zh: '词表' };
const TRIED: Tried = {
  policy: 3,
  verdict: 'redact',
  rules: [],
  filters: [
    {
      id: 'safety.personal_data',
      title: { en: 'Personal data', zh: '个人信息' },
      action: 'redact',
      threshold: 0.5,
      matches: [{ category: 'phone', title: { en: 'Phone number', zh: '电话号码' }, score: 0.92, met: true }],
    },
    {
      id: 'safety.words',
      title: WORDS,
      action: 'block',
      threshold: 0.5,
      matches: [{ category: 'hate', title: { en: 'Hate (S10)', zh: '仇恨（S10）' }, score: 0.3, met: false }],
    },
  ],
  text: 'call ■■■',
  seconds: 0.12,
  limit: { most: 20, seconds: 60, left: 19 },
};

const SOUND: Asset = {
  id: 'a-sound',
  media_type: 'audio/wav',
  width: null,
  height: null,
  size: 2_048,
  url: '/api/assets/a-sound/content',
  readable: true,
};

let asked: Request[] = [];

/** Answers what is asked, or never, until it is taken back. */
function answer(body: unknown, status = 200): void {
  vi.stubGlobal('fetch', (request: Request) => {
    // What the field asks of the file is not what is tried.
    if (request.url.includes('/api/assets/')) return Promise.resolve(Response.json(SOUND));
    asked.push(request);
    if (body === null)
      return new Promise((_, refuse) =>
        request.signal.addEventListener('abort', () => refuse(new DOMException('taken back', 'AbortError'))),
      );
    return Promise.resolve(Response.json(body, { status }));
  });
}

beforeEach(() => {
  asked = [];
  useLanguage.setState({ language: 'en' });
  useEditor.setState({ catalog: CATALOG, workspace: 'ws', workflow: 'wf' });
  useDocument
    .getState()
    .load(graph([node('m', 'text.generate'), node('o', 'output.text')], [edge('m.text', 'o.text')]));
  acceptPreview([], {
    policy: { version: 3, digest: 'd' },
    inputs: [],
    outputs: [],
    steps: [],
    gates: [gate()],
  });
  forgetTrying();
  render(
    <QueryClientProvider client={makeQueryClient()}>
      <MantineProvider>
        <WhatIfPanel />
      </MantineProvider>
    </QueryClientProvider>,
  );
});
afterEach(() => vi.unstubAllGlobals());

const type = (text: string) => userEvent.type(screen.getByLabelText('Your text'), text);

it('asks about this gate, and tells each filter with its scores, the verdict and what would go on', async () => {
  answer(TRIED);
  tryGate(gate().id);
  await waitFor(() => expect(screen.getByLabelText('Your text')).toHaveFocus());
  await type('call me{Control>}{Enter}{/Control}');
  expect(await screen.findByText('It would pass without what is taken out')).toBeVisible();
  expect(screen.getByText('Phone number')).toBeVisible();
  expect(screen.getByText('92% sure')).toBeVisible();
  expect(screen.getByText('below the threshold of 50%: passes')).toBeVisible();
  expect(screen.getByText('call ■■■')).toBeVisible();
  expect(screen.getByText('19 tries left in this minute.')).toBeVisible();
  const [request] = asked;
  expect(request?.url).toContain('/api/workspaces/ws/what-if');
  expect(await request?.json()).toEqual({
    text: 'call me',
    workflow: 'wf',
    sink: 'person',
    sources: ['model', 'user'],
  });
});

it('says in the reader’s language why there is no answer', async () => {
  answer({ code: 'no_worker', message: 'No worker answers, so nothing was checked.', hint: null }, 409);
  await type('x');
  await userEvent.click(screen.getByTestId('try'));
  expect(await screen.findByText('No worker answers, so nothing was checked.')).toBeVisible();
});

it('can be taken back while it waits', async () => {
  answer(null);
  await type('x');
  await userEvent.click(screen.getByTestId('try'));
  expect(await screen.findByText(/Asking the filters/)).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Cancel' }));
  expect(asked[0]?.signal.aborted).toBe(true);
  expect(await screen.findByText('What would the gate say?')).toBeVisible();
  expect(screen.queryByRole('alert')).toBeNull();
});

it('asks nothing while nothing is typed, and says so', async () => {
  answer(TRIED);
  await userEvent.click(screen.getByTestId('try'));
  expect(screen.getByText('Write something first.')).toBeVisible();
  expect(asked).toEqual([]);
});

it('takes a sound, and says what is missing while there is none', async () => {
  answer(TRIED);
  await userEvent.selectOptions(screen.getByLabelText('Gate'), 'Anything a person will see');
  await userEvent.click(screen.getByText('Sound'));
  expect(screen.getByText(/At most a minute is heard/)).toBeVisible();
  await userEvent.click(screen.getByTestId('try'));
  expect(screen.getByText('Choose a sound first.')).toBeVisible();
  act(() => setMaterial({ sound: 'a-sound' }));
  await userEvent.click(screen.getByTestId('try'));
  expect(await screen.findByText('It would pass without what is taken out')).toBeVisible();
  expect(await asked[0]?.json()).toEqual({ asset: 'a-sound', workflow: 'wf', sink: 'person' });
});
