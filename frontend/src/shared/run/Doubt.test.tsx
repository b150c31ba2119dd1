// A step of which nobody knows whether it happened: what is said, and who may answer.
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import { reduceRun, viewOf } from '../../api/runState';
import type { Run } from '../../api/types';
import { showPage, signedIn, WORKSPACE } from '../../testing/page';
import { event, RUN_ID, sampleRun } from '../../testing/samples';
import { startServer, type TestServer } from '../../testing/server';

let server: TestServer;
afterEach(() => server.close());

const unknown = {
  code: 'effect_unknown',
  message: { en: 'It is not known.', zh: '无法确定。' },
  hint: { en: 'Look where it would show.', zh: '请核实。' },
  node: 'llm',
};
const waits = { for: 'decision', until: null, seconds: null, number: null, of: null } as const;

function doubtful(): Run {
  return [
    event(1, 'run.running', {}),
    event(2, 'step.running', { step: 'llm', attempt: 2 }),
    event(3, 'step.waiting', { step: 'llm', seconds: null, cost: null, error: unknown, waits }),
    event(4, 'run.waiting', {}),
  ].reduce(reduceRun, viewOf(sampleRun())).run;
}

async function show(run: Run, role: 'owner' | 'viewer' = 'owner', language: 'en' | 'zh' = 'en') {
  vi.resetModules();
  server = await startServer({
    'GET /api/session': {
      json: {
        ...signedIn(),
        workspaces: [{ id: WORKSPACE, name: 'Studio', role }],
        language: language === 'zh' ? 'zh-hans' : 'en',
      },
    },
    [`GET /api/runs/${RUN_ID}`]: { json: run },
    [`POST /api/runs/${RUN_ID}/effects`]: { json: run },
    [`POST /api/runs/${RUN_ID}/restart`]: {
      status: 409,
      json: { code: 'may_happen_twice', message: 'It would happen twice.', hint: 'Only if it may.' },
    },
  });
  await showPage(server, `/runs/${RUN_ID}`, language);
  // A page that is left while it connects would say so.
  if (run.state === 'waiting') await waitFor(() => expect(server.followers()).toBe(1));
}

it.each([
  ['happened', 'It happened'],
  ['not_happened', 'It did not happen'],
  ['stop', 'Stop the run'],
] as const)('sends that it %s, about the attempt that was looked at', async (decision, name) => {
  await show(doubtful());
  expect(await screen.findByText(/It is not known whether this happened/)).toBeInTheDocument();
  expect(screen.getAllByText(/Look where it would show\./).length).toBeGreaterThan(0);
  await userEvent.click(screen.getByRole('button', { name }));
  await waitFor(() => {
    expect(server.asked.find(({ method }) => method === 'POST')?.body).toEqual({
      step: 'llm',
      attempt: 2,
      decision,
    });
  });
});

it('says so in Chinese', async () => {
  await show(doubtful(), 'owner', 'zh');
  expect(await screen.findByText(/无法确定此操作是否已经发生/)).toBeInTheDocument();
  expect(screen.getByRole('button', { name: '没有发生' })).toBeInTheDocument();
});

it('asks nobody who may not run the workflow', async () => {
  await show(doubtful(), 'viewer');
  expect(await screen.findByText(/It is not known whether this happened/)).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'It happened' })).toBeNull();
});

it('asks no more once somebody has answered', () => {
  const said = event(5, 'step.decided', { step: 'llm', attempt: 2, decision: 'not_happened' });
  const { run } = reduceRun({ ...viewOf(doubtful()), seq: 4 }, said);
  expect(run.steps[0]).toMatchObject({ state: 'waiting', error: null, waits: { for: 'time' } });
});

it('begins what may happen twice again only when it is pressed once more', async () => {
  await show(sampleRun({ state: 'failed' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Go on from where it stopped' }));
  await userEvent.click(
    await screen.findByRole('button', { name: 'Begin again, though it may happen twice' }),
  );
  await waitFor(() => {
    const sent = server.asked.filter(({ method }) => method === 'POST').map(({ body }) => body);
    expect(sent).toEqual([{ again: false }, { again: true }]);
  });
});
