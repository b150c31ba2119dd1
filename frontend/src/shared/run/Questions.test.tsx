// What a run asks: who sees it, what is sent, by mouse and by keyboard, in both languages.
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import { reduceRun, viewOf } from '../../api/runState';
import type { Question, Run } from '../../api/types';
import { showPage, signedIn, WORKSPACE } from '../../testing/page';
import { event, RUN_ID, sampleRun } from '../../testing/samples';
import { startServer, type TestServer } from '../../testing/server';
import { stepLook } from './states';

let server: TestServer;
afterEach(() => server.close());

const waits = { for: 'answer', until: null, seconds: null, number: null, of: null } as const;
const APPROVAL: Question = {
  step: 'llm',
  node: 'llm',
  title: { en: 'Approval', zh: '人工批准' },
  attempt: 2,
  question: 'May this letter go out?',
  answers: ['yes', 'no'],
  type: 'text',
  value: 'Dear reader,',
  files: [],
  until: null,
};
const TEXT: Question = { ...APPROVAL, answers: [], question: '', type: null, value: null };

function asking(): Run {
  return [
    event(1, 'run.running', {}),
    event(2, 'step.running', { step: 'llm', attempt: 2 }),
    event(3, 'step.waiting', { step: 'llm', seconds: null, cost: null, error: null, waits }),
    event(4, 'run.waiting', {}),
  ].reduce(reduceRun, viewOf(sampleRun())).run;
}

interface Shown {
  readonly role?: 'owner' | 'viewer';
  readonly language?: 'en' | 'zh';
  readonly refused?: boolean;
}

async function show(question: Question, { role = 'owner', language = 'en', refused = false }: Shown = {}) {
  vi.resetModules();
  const run = asking();
  server = await startServer({
    'GET /api/session': {
      json: {
        ...signedIn(),
        workspaces: [{ id: WORKSPACE, name: 'Studio', role }],
        language: language === 'zh' ? 'zh-hans' : 'en',
      },
    },
    [`GET /api/runs/${RUN_ID}`]: { json: run },
    [`GET /api/runs/${RUN_ID}/questions`]: { json: { results: [question] } },
    [`POST /api/runs/${RUN_ID}/answers`]: refused
      ? { status: 409, json: { code: 'nothing_to_answer', message: 'Too late.', hint: 'Load it again.' } }
      : { json: run },
  });
  await showPage(server, `/runs/${RUN_ID}`, language);
  await waitFor(() => expect(server.followers()).toBe(1));
}

const sent = () => server.asked.find(({ method }) => method === 'POST')?.body;

it.each([
  ['yes', 'Yes'],
  ['no', 'No'],
] as const)(
  'shows what is asked about and sends %s, about the attempt that was looked at',
  async (answer, name) => {
    await show(APPROVAL);
    expect(await screen.findByText('May this letter go out?')).toBeInTheDocument();
    expect(screen.getByText('Dear reader,')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name }));
    await waitFor(() => expect(sent()).toEqual({ step: 'llm', attempt: 2, answer }));
  },
);

it('is answered without a mouse', async () => {
  await show(APPROVAL);
  const yes = await screen.findByRole('button', { name: 'Yes' });
  yes.focus();
  await userEvent.tab();
  expect(screen.getByRole('button', { name: 'No' })).toHaveFocus();
  await userEvent.keyboard('{Enter}');
  await waitFor(() => expect(sent()).toMatchObject({ answer: 'no' }));
});

it('takes a text, and no empty one', async () => {
  await show(TEXT);
  const field = await screen.findByRole('textbox', { name: 'Your answer' });
  const send = screen.getByRole('button', { name: 'Answer' });
  expect(send).toBeDisabled();
  await userEvent.type(field, '  ');
  expect(send).toBeDisabled();
  await userEvent.type(field, 'well');
  await userEvent.click(send);
  await waitFor(() => expect(sent()).toEqual({ step: 'llm', attempt: 2, answer: '  well' }));
});

it('shows a picture by the address that belongs to the question', async () => {
  const url = `/api/runs/${RUN_ID}/question-file?step=llm&number=1`;
  const file = { url, media_type: 'image/png', width: 64, height: 48, size: 99 };
  await show({ ...APPROVAL, type: 'image', value: null, files: [file] });
  const picture = await screen.findByRole('img', { name: 'Picture 1 that the question is about' });
  expect(picture).toHaveAttribute('src', url);
});

it('asks in Chinese', async () => {
  await show({ ...APPROVAL, question: '' }, { language: 'zh' });
  expect(await screen.findByText('可以继续吗？')).toBeInTheDocument();
  expect(screen.getByRole('button', { name: '是' })).toBeInTheDocument();
  expect(screen.getByText(/此运行需要您回答/)).toBeInTheDocument();
});

it('shows nothing to who may not run the workflow, and does not ask for it', async () => {
  await show(APPROVAL, { role: 'viewer' });
  expect(await screen.findByText('Somebody who may run this workflow has to answer.')).toBeInTheDocument();
  expect(screen.queryByText('May this letter go out?')).toBeNull();
  expect(screen.queryByRole('button', { name: 'Yes' })).toBeNull();
  expect(server.asked.filter(({ path }) => path.endsWith('/questions'))).toEqual([]);
});

it('says in words that somebody else was faster', async () => {
  await show(APPROVAL, { refused: true });
  await userEvent.click(await screen.findByRole('button', { name: 'Yes' }));
  expect(await screen.findByText(/Too late\./)).toBeInTheDocument();
  expect(screen.getByText(/Load it again\./)).toBeInTheDocument();
});

it('is not set back by a run that was read before what its events say', async () => {
  await show(APPROVAL);
  const yes = await screen.findByRole('button', { name: 'Yes' });
  // The answer makes the page read the run again, which this server does as it was; its events are ahead of that.
  const before = server.asked.filter(({ path }) => path === `/api/runs/${RUN_ID}`).length;
  server.tell(event(5, 'step.answered', { step: 'llm', attempt: 2, answer: 'yes' }));
  server.tell(event(6, 'run.running', {}));
  server.tell(event(7, 'step.waiting', { step: 'llm', seconds: null, cost: null, error: null, waits }));
  await userEvent.click(yes);
  await waitFor(() =>
    expect(server.asked.filter(({ path }) => path === `/api/runs/${RUN_ID}`).length).toBeGreaterThan(before),
  );
  server.tell(event(8, 'run.succeeded', {}));
  expect(await screen.findByText('done')).toBeInTheDocument();
  await new Promise((later) => setTimeout(later, 100));
  expect(screen.getByText('done')).toBeInTheDocument();
});

it('asks no more once somebody has answered', () => {
  const run = asking();
  const [step] = run.steps;
  if (!step) throw new Error('there is a step');
  expect(stepLook(step).word).toBe('runs.step_answer');
  const said = event(5, 'step.answered', { step: 'llm', attempt: 2, answer: 'yes' });
  const next = reduceRun({ ...viewOf(run), seq: 4 }, said).run;
  expect(next.steps[0]).toMatchObject({ state: 'waiting', waits: { for: 'time' } });
});
