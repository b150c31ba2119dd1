// The reviewers' desk and the appeals of a run, against a real server that answers as a test says.
import { screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';

import type { Appeal, Filter, Material, Review } from '../../api/types';
import { showPage, signedIn } from '../../testing/page';
import { RUN_ID, sampleRun } from '../../testing/samples';
import { startServer, type TestServer } from '../../testing/server';

let server: TestServer;
afterEach(() => server.close());

const FILTER: Filter = {
  id: 'safety.personal_data',
  title: { en: 'Personal data', zh: '个人信息' },
  media: ['text'],
  categories: [{ id: 'phone', title: { en: 'Phone number', zh: '电话号码' } }],
  languages: ['en', 'zh'],
  licence: 'Apache-2.0',
  cost: 0.4,
  misses: { en: 'some', zh: '一些' },
};

async function serve(routes: TestServer['routes']): Promise<void> {
  vi.resetModules();
  server = await startServer({
    'GET /api/session': { json: signedIn({ is_admin: true }) },
    'GET /api/filters': { json: { results: [FILTER] } },
    ...routes,
  });
}

const ID = '01930000-0000-7000-8000-0000000000d1';
const REVIEW: Review = {
  id: ID,
  purpose: 'hold',
  state: 'open',
  run: RUN_ID,
  workspace: { id: '01930000-0000-7000-8000-0000000000f1', name: 'Studio' },
  workflow_name: 'Chat with a gate',
  step: 'gate',
  rules: ['person-text'],
  outputs: ['answer'],
  type: 'text',
  text: '',
  findings: [
    {
      step: 'gate',
      rule: 'person-text',
      action: 'hold',
      filter: 'safety.personal_data',
      category: 'phone',
      score: 0.9,
      message: {
        en: 'Kept back until a person has looked at it: Phone number.',
        zh: '待人工审核：电话号码。',
      },
    },
  ],
  needed: 1,
  given: 0,
  created: '2026-11-23T12:00:00Z',
  deadline: '2026-11-26T12:00:00Z',
  decided: null,
  decision: null,
  own: false,
  judged_hold: false,
  tightened: false,
  judged: false,
  opinions: [],
  looks: [],
};
const MATERIAL: Material = {
  look: 'l',
  at: '2026-11-23T12:05:00Z',
  type: 'text',
  value: '😀 call 555-0100 now',
  files: [],
  spots: [{ item: null, start: 7, end: 15, filter: 'safety.personal_data', category: 'phone' }],
};

it('teaches what the desk is for while nothing waits', async () => {
  await serve({ 'GET /api/reviews': { json: { results: [], next: null } } });
  await showPage(server, '/reviews');
  expect(await screen.findByText('Nothing waits for you')).toBeVisible();
});

it('lists what waits with its deadline and categories, in the reader’s language, and none of the material', async () => {
  const over: Review = { ...REVIEW, id: `${ID.slice(0, -1)}2`, state: 'expired', workflow_name: 'Old' };
  await serve({
    'GET /api/session': { json: { ...signedIn({ is_admin: true }), language: 'zh-hans' } },
    'GET /api/reviews': { json: { results: [REVIEW, over], next: null } },
  });
  const { user } = await showPage(server, '/reviews', 'zh');
  const row = within(await screen.findByTestId(`review-${ID}`));
  expect(await row.findByText('电话号码')).toBeVisible();
  expect(row.getByText(/2026年11月26日/)).toBeVisible();
  expect(screen.queryByText('Old')).toBeNull();
  await user.click(screen.getByText('已结束'));
  expect(await screen.findByText('无人按时决定')).toBeVisible();
});

it('shows the material after a click that is written down, and lets a reviewer take out what is marked', async () => {
  await serve({
    [`GET /api/reviews/${ID}`]: { json: REVIEW },
    [`POST /api/reviews/${ID}/looks`]: { status: 201, json: MATERIAL },
    [`POST /api/reviews/${ID}/opinions`]: () => {
      const decided: Review = { ...REVIEW, state: 'decided', decision: 'redact' };
      server.routes[`GET /api/reviews/${ID}`] = { json: decided };
      return { status: 201, json: decided };
    },
  });
  const { user } = await showPage(server, `/reviews/${ID}`);
  expect(await screen.findByText(/Phone number/)).toBeVisible();
  expect(screen.queryByText('555-0100')).toBeNull();
  expect(screen.getByRole('button', { name: 'Let it through' })).toBeDisabled();
  expect(server.asked.some(({ path }) => path.endsWith('/looks'))).toBe(false);

  await user.click(screen.getByTestId('show-material'));
  const mark = await screen.findByText('555-0100');
  expect(mark).toHaveAttribute('aria-pressed', 'true');
  await user.click(screen.getByRole('button', { name: 'Take out what is marked' }));
  expect(screen.getByText('Say why, in a sentence.')).toBeVisible();
  await user.type(screen.getByLabelText('Why'), 'a number of somebody');
  await user.click(screen.getByRole('button', { name: 'Take out what is marked' }));
  await waitFor(() => expect(server.asked.some(({ path }) => path.endsWith('/opinions'))).toBe(true));
  expect(server.asked.find(({ path }) => path.endsWith('/opinions'))?.body).toEqual({
    decision: 'redact',
    note: 'a number of somebody',
    cuts: [{ item: null, start: 7, end: 15 }],
  });
  expect(await screen.findByText('let through without what was taken out')).toBeVisible();
  expect(screen.queryByText('555-0100')).toBeNull();
});

it('offers neither look nor decision to who started the run', async () => {
  await serve({ [`GET /api/reviews/${ID}`]: { json: { ...REVIEW, own: true } } });
  await showPage(server, `/reviews/${ID}`);
  expect(await screen.findByText(/somebody else decides/)).toBeVisible();
  expect(screen.queryByTestId('show-material')).toBeNull();
  expect(screen.queryByRole('button', { name: 'Keep it back' })).toBeNull();
});

it('leaves an appeal to another than who decided about the hold', async () => {
  const appealed: Review = { ...REVIEW, purpose: 'appeal', judged_hold: true };
  await serve({ [`GET /api/reviews/${ID}`]: { json: appealed } });
  await showPage(server, `/reviews/${ID}`);
  expect(await screen.findByText(/somebody else judges the appeal/)).toBeVisible();
  expect(screen.queryByTestId('show-material')).toBeNull();
});

it('says that the policy has become stricter since', async () => {
  await serve({ [`GET /api/reviews/${ID}`]: { json: { ...REVIEW, tightened: true } } });
  await showPage(server, `/reviews/${ID}`);
  expect(await screen.findByText(/policy has become stricter/)).toBeVisible();
});

it('takes a part out of an appeal as of anything that is held', async () => {
  await serve({
    [`GET /api/reviews/${ID}`]: { json: { ...REVIEW, purpose: 'appeal' } },
    [`POST /api/reviews/${ID}/looks`]: { status: 201, json: MATERIAL },
  });
  const { user } = await showPage(server, `/reviews/${ID}`);
  await user.click(await screen.findByTestId('show-material'));
  expect(await screen.findByText('555-0100')).toHaveAttribute('aria-pressed', 'true');
  expect(screen.getByRole('button', { name: 'Take out what is marked' })).toBeEnabled();
});

const APPEAL: Appeal = {
  id: 'a',
  outputs: ['answer'],
  type: 'text',
  state: 'possible',
  text: '',
  keep_until: '2026-11-30T12:00:00Z',
  deadline: null,
  decided: null,
  notes: [],
  released: null,
};
const BLOCKED = sampleRun({ state: 'blocked', finished: '2026-11-23T12:00:05Z' });
const APPEALS = `/api/runs/${RUN_ID}/appeals`;

it('lets who started a blocked run ask for a review, once', async () => {
  await serve({
    [`GET /api/runs/${RUN_ID}`]: { json: BLOCKED },
    [`GET ${APPEALS}`]: { json: { results: [APPEAL] } },
    [`POST ${APPEALS}`]: () => {
      const open: Appeal = { ...APPEAL, state: 'open', deadline: '2026-11-26T12:00:00Z' };
      server.routes[`GET ${APPEALS}`] = { json: { results: [open] } };
      return { status: 201, json: open };
    },
  });
  const { user } = await showPage(server, `/runs/${RUN_ID}`);
  await user.type(await screen.findByLabelText('Why should it be let through?'), 'It is a bypass road.');
  await user.click(screen.getByRole('button', { name: 'Ask for a review' }));
  expect(await screen.findByText(/A reviewer has been asked, and has until/)).toBeVisible();
  expect(server.asked.find(({ method, path }) => method === 'POST' && path === APPEALS)?.body).toEqual({
    output: 'answer',
    text: 'It is a bypass road.',
  });
});

it('keeps what somebody wrote when the policy stops it, and says which rule does', async () => {
  const stopped = {
    code: 'words_refused',
    message: 'In your appeal, the rule “Text” stops this: API key.',
    hint: 'Take that out, and send it again.',
  };
  await serve({
    [`GET /api/runs/${RUN_ID}`]: { json: BLOCKED },
    [`GET ${APPEALS}`]: { json: { results: [APPEAL] } },
    [`POST ${APPEALS}`]: { status: 422, json: stopped },
  });
  const { user } = await showPage(server, `/runs/${RUN_ID}`);
  await user.type(await screen.findByLabelText('Why should it be let through?'), 'Its key is mine.');
  await user.click(screen.getByRole('button', { name: 'Ask for a review' }));
  expect(await screen.findByText(stopped.message)).toBeVisible();
  expect(screen.getByText(stopped.hint)).toBeVisible();
  expect(screen.getByLabelText('Why should it be let through?')).toHaveValue('Its key is mine.');
});

it('keeps a reviewer’s reason and cuts when the policy stops the reason', async () => {
  const stopped = {
    code: 'words_refused',
    message: 'In your reason, the rule “Text” stops this.',
    hint: null,
  };
  await serve({
    [`GET /api/reviews/${ID}`]: { json: REVIEW },
    [`POST /api/reviews/${ID}/looks`]: { status: 201, json: MATERIAL },
    [`POST /api/reviews/${ID}/opinions`]: { status: 422, json: stopped },
  });
  const { user } = await showPage(server, `/reviews/${ID}`);
  await user.click(await screen.findByTestId('show-material'));
  await user.type(await screen.findByLabelText('Why'), 'It says 555-0100.');
  await user.click(screen.getByRole('button', { name: 'Take out what is marked' }));
  expect(await screen.findByText(stopped.message)).toBeVisible();
  expect(screen.getByLabelText('Why')).toHaveValue('It says 555-0100.');
  expect(screen.getByText('555-0100')).toHaveAttribute('aria-pressed', 'true');
});

it('gives back what is left when a reviewer took something out', async () => {
  const redacted: Appeal = {
    ...APPEAL,
    state: 'redacted',
    notes: ['A number.'],
    released: 'call [removed] now',
  };
  await serve({
    [`GET /api/runs/${RUN_ID}`]: { json: BLOCKED },
    [`GET ${APPEALS}`]: { json: { results: [redacted] } },
  });
  await showPage(server, `/runs/${RUN_ID}`);
  expect(await screen.findByText(/without what was taken out/)).toBeVisible();
  expect(screen.getByText('call [removed] now')).toBeVisible();
});

it('shows a colleague no form, and leads “Run again” of somebody else’s run to the form for its inputs', async () => {
  const run = { ...BLOCKED, own: false, inputs: {} };
  const argument = {
    name: 'question',
    type: 'text' as const,
    title: 'Your question',
    node: 'q',
    required: true,
    default: null,
    multiline: true,
    minimum: null,
    maximum: null,
  };
  await serve({
    [`GET /api/runs/${RUN_ID}`]: { json: { ...run, plan: { ...run.plan, inputs: [argument] } } },
    [`GET ${APPEALS}`]: { json: { results: [APPEAL] } },
  });
  const { user, path } = await showPage(server, `/runs/${RUN_ID}`);
  const again = await screen.findByRole('link', { name: 'Run again' });
  expect(screen.queryByLabelText('Why should it be let through?')).toBeNull();
  await user.click(again);
  await waitFor(() => expect(path()).toBe(`/workflows/${run.workflow ?? ''}/app`));
  expect(server.asked.some(({ method }) => method === 'POST')).toBe(false);
});
