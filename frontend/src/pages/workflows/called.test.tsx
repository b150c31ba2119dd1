// Deleting a workflow that others call, against a real server that answers as a test says.
import { screen, within } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';

import type { WorkflowItem } from '../../api/types';
import { showPage, signedIn, WORKSPACE } from '../../testing/page';
import { startServer, type TestServer } from '../../testing/server';

const ITEM: WorkflowItem = {
  id: '01930000-0000-7000-8000-0000000000b1',
  name: 'Tidy a text',
  updated: '2026-11-23T12:00:00Z',
  revision: 1,
  published: 1,
  runs: 0,
};
const CALLER = {
  id: '01930000-0000-7000-8000-0000000000b2',
  name: 'Postcards',
  draft: true,
  versions: [1, 3],
};

let server: TestServer;
afterEach(() => server.close());

it('names those that call it before a workflow goes, and lets it stay or go', async () => {
  vi.resetModules();
  const called = { code: 'workflow_called', message: 'Other workflows call this one.', hint: null };
  server = await startServer({
    'GET /api/session': { json: signedIn() },
    [`GET /api/workspaces/${WORKSPACE}/workflows`]: { json: { results: [ITEM], next: null } },
    [`DELETE /api/workflows/${ITEM.id}`]: { status: 409, json: called },
    [`GET /api/workflows/${ITEM.id}/callers`]: { json: { results: [CALLER] } },
    [`DELETE /api/workflows/${ITEM.id}?anyway=1`]: { status: 204 },
  });
  const { user } = await showPage(server, '/workflows');
  const ask = async () => {
    await user.click(await screen.findByRole('button', { name: 'Actions for Tidy a text' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Delete', hidden: true }));
    return screen.findByRole('dialog', { name: 'Other workflows call “Tidy a text”' });
  };
  const first = await ask();
  expect(await within(first).findByRole('link', { name: 'Postcards' })).toBeVisible();
  expect(within(first).getByText('in its draft · in 2 published versions')).toBeVisible();
  await user.click(within(first).getByRole('button', { name: 'Cancel' }));
  expect(server.asked.some(({ path }) => path.includes('anyway'))).toBe(false);

  const again = await ask();
  await user.click(within(again).getByRole('button', { name: 'Delete it anyway' }));
  expect(await screen.findByText('“Tidy a text” is deleted')).toBeVisible();
});
