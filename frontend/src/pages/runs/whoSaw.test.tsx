// A blocked run, as each of its readers is told of it.
import { screen, within } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import type { Appeal, Run } from '../../api/types';
import { showPage, signedIn, WORKSPACE } from '../../testing/page';
import { RUN_ID, sampleRun } from '../../testing/samples';
import { startServer, type TestServer } from '../../testing/server';

let server: TestServer;
afterEach(() => server.close());

const QUESTION = {
  name: 'question',
  type: 'text',
  title: 'Your question',
  node: 'q',
  required: true,
  default: null,
  multiline: true,
  minimum: null,
  maximum: null,
} as const;
const BLOCKED = sampleRun({ state: 'blocked', plan: { ...sampleRun().plan, inputs: [QUESTION] } });
const OF_OTHERS: Partial<Run> = { own: false, inputs: {} };

async function show(
  role: 'owner' | 'viewer' | 'reviewer',
  run: Partial<Run>,
  state?: Appeal['state'],
  language: 'en' | 'zh' = 'en',
) {
  vi.resetModules();
  const appeal = {
    id: '01930000-0000-7000-8000-0000000000d9',
    outputs: ['answer'],
    type: 'text',
    state,
    text: '',
    keep_until: null,
    deadline: null,
    decided: null,
    notes: [],
    released: null,
  };
  server = await startServer({
    'GET /api/session': {
      json: {
        ...signedIn(),
        workspaces: [{ id: WORKSPACE, name: 'Studio', role }],
        language: language === 'zh' ? 'zh-hans' : 'en',
      },
    },
    [`GET /api/runs/${RUN_ID}`]: { json: { ...BLOCKED, ...run } },
    [`GET /api/runs/${RUN_ID}/appeals`]: { json: { results: state ? [appeal] : [] } },
  });
  await showPage(server, `/runs/${RUN_ID}`, language);
  return within(await screen.findByRole('alert'));
}

it('tells who started it, when nobody was asked, that nobody saw it, and to try something else', async () => {
  const notice = await show('owner', {}, 'possible');
  expect(await notice.findByText('What was withheld has been shown to nobody.')).toBeVisible();
  expect(notice.getByText('You can run it again with something else.')).toBeVisible();
});

it('tells a viewer nothing of running it, and that who started it sees the inputs', async () => {
  const notice = await show('viewer', OF_OTHERS);
  expect(await notice.findByText('What was withheld has been shown to nobody.')).toBeVisible();
  expect(screen.getByText('Who started it sees what went in.')).toBeVisible();
  expect(screen.queryByText('Nothing was asked for.')).toBeNull();
  expect(screen.queryByText(/You can/)).toBeNull();
});

it.each(['open', 'refused', 'expired'] as const)(
  'says of an appeal that is %s that reviewers may have seen it',
  async (state) => {
    const notice = await show('viewer', OF_OTHERS, state, 'zh');
    expect(await notice.findByText('除审核员外，没有人能看到被扣留的内容。')).toBeVisible();
    expect(screen.getByText('只有发起者能看到输入的内容。')).toBeVisible();
  },
);

it('does not call hidden what a reviewer has let through', async () => {
  const notice = await show('viewer', OF_OTHERS, 'allowed');
  expect(await notice.findByText('What a reviewer let through stands with the appeal.')).toBeVisible();
});

it('counts what a gate held as seen by reviewers', async () => {
  const held = {
    step: 'gate',
    rule: 'person-text',
    action: 'hold',
    filter: 'safety.words',
    category: 'violence',
    score: 0.9,
    message: { en: 'Held for a person: violence.', zh: '等待人工决定：暴力。' },
  } as const;
  const notice = await show('reviewer', { ...OF_OTHERS, findings: [held] });
  expect(
    await notice.findByText('Nobody but reviewers has been able to see what was withheld.'),
  ).toBeVisible();
});
