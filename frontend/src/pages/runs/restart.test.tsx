// Beginning a run again from where it stopped: who is offered it, and where it leads.
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import type { Run } from '../../api/types';
import { showPage, signedIn, WORKSPACE } from '../../testing/page';
import { RUN_ID, sampleRun } from '../../testing/samples';
import { startServer, type TestServer } from '../../testing/server';

const NEXT = '01930000-0000-7000-8000-0000000000a2';
let server: TestServer;
afterEach(() => server.close());

async function show(state: Run['state'], role: 'owner' | 'viewer', language: 'en' | 'zh' = 'en') {
  vi.resetModules();
  server = await startServer({
    'GET /api/session': {
      json: {
        ...signedIn(),
        workspaces: [{ id: WORKSPACE, name: 'Studio', role }],
        language: language === 'zh' ? 'zh-hans' : 'en',
      },
    },
    [`GET /api/runs/${RUN_ID}`]: { json: sampleRun({ state }) },
    [`GET /api/runs/${NEXT}`]: { json: sampleRun({ id: NEXT, restarts: RUN_ID, state: 'succeeded' }) },
    [`POST /api/runs/${RUN_ID}/restart`]: {
      status: 201,
      json: sampleRun({ id: NEXT, restarts: RUN_ID, state: 'succeeded' }),
    },
  });
  await showPage(server, `/runs/${RUN_ID}`, language);
}

it.each(['failed', 'cancelled', 'blocked'] as const)('leads on from a run that is %s', async (state) => {
  await show(state, 'owner');
  await userEvent.click(await screen.findByRole('button', { name: 'Go on from where it stopped' }));
  expect(await screen.findByRole('heading', { name: /Results/ })).toBeInTheDocument();
  expect(screen.queryByTestId('restart-run')).toBeNull();
});

it('says so in Chinese', async () => {
  await show('failed', 'owner', 'zh');
  expect(await screen.findByRole('button', { name: '从中断处重新开始' })).toBeInTheDocument();
});

it('is not offered to who may not start a run', async () => {
  await show('failed', 'viewer');
  await screen.findByRole('heading', { name: /Timeline/ });
  expect(screen.queryByTestId('restart-run')).toBeNull();
});
