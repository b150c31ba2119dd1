// The policy page, against a real server that answers as a test says.
import { screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';

import type { Filter, PolicyDraft, PolicyPreview, PolicyRules, PolicyState } from '../../api/types';
import { showPage, signedIn, WORKSPACE } from '../../testing/page';
import { startServer, type TestServer } from '../../testing/server';

const PLACE = `/api/workspaces/${WORKSPACE}/policy`;
const FILTERS: Filter[] = [
  {
    id: 'safety.nudity',
    title: { en: 'Nudity', zh: '裸露内容' },
    media: ['image'],
    categories: [{ id: 'sexual_content', title: { en: 'Sexual content', zh: '色情内容' } }],
    languages: [],
    licence: 'BSD-2-Clause',
    cost: 100,
    misses: { en: 'drawings', zh: '绘画' },
  },
];
const RULES: PolicyRules = {
  previews: 'blurred',
  labelling: { profile: 'none', language: 'en', producer: '' },
  rules: [
    {
      id: 'person-image',
      title: { en: 'Image', zh: '图像' },
      reason: { en: 'A person will see this picture.', zh: '该图像将呈现给用户。' },
      sink: 'person',
      media: ['image'],
      sources: ['user', 'upload', 'web', 'tool', 'retrieved', 'model', 'author'],
      chain: [{ filter: 'safety.nudity', action: 'block', threshold: 0.6, categories: [] }],
    },
  ],
};
const at = (threshold: number): PolicyRules => ({
  ...RULES,
  rules: RULES.rules.map((rule) => ({ ...rule, chain: rule.chain.map((use) => ({ ...use, threshold })) })),
});
const FLOOR = { version: 1, author: '', reason: '', created: '2026-11-23T12:00:00Z', policy: RULES };
const STATE: PolicyState = {
  scope: 'workspace',
  may_change: true,
  in_force: FLOOR,
  floor: FLOOR,
  own: null,
  draft: null,
  shadow: null,
};
const draftOf = (policy: PolicyRules, change: Partial<PolicyDraft> = {}): PolicyDraft => ({
  seen: 'first',
  base: 0,
  moved: false,
  by: 'Li Ming',
  updated: '2026-11-26T12:00:00Z',
  policy,
  faults: [],
  ...change,
});
const PREVIEW: PolicyPreview = {
  seen: 'first',
  start: 0,
  looked: 2,
  total: 2,
  next: null,
  counts: {
    gains: 0,
    loses: 0,
    changes: 1,
    labels: 0,
    previews: 0,
    stops: 0,
    needs: 0,
    withholds: 0,
    mends: 0,
    broken: 0,
    stays: 1,
  },
  effects: [
    {
      workflow: '01930000-0000-7000-8000-0000000000b1',
      name: 'Postcards',
      version: 3,
      gains: 0,
      loses: 0,
      changes: 1,
      labels: 0,
      previews: false,
      stops: [],
      needs: [],
      withholds: [],
      broken: false,
      mends: false,
    },
  ],
};

let server: TestServer;
afterEach(() => server.close());
const serve = async (routes: TestServer['routes']) => {
  vi.resetModules();
  server = await startServer({
    'GET /api/session': { json: signedIn() },
    'GET /api/filters': { json: { results: FILTERS } },
    [`GET ${PLACE}`]: { json: STATE },
    [`GET ${PLACE}/preview?start=0`]: { json: PREVIEW },
    [`GET ${PLACE}/versions`]: { json: { results: [], next: null } },
    ...routes,
  });
};
const asked = (method: string, path: string) =>
  server.asked.filter((one) => one.method === method && one.path.startsWith(path));

it('teaches an owner, keeps a stricter rule as a draft, tells what it would do, and takes it back', async () => {
  await serve({
    [`PUT ${PLACE}/draft`]: ({ body }) => {
      const draft = draftOf((body as { policy: PolicyRules }).policy);
      server.routes[`GET ${PLACE}`] = { json: { ...STATE, draft } };
      return { json: draft };
    },
    [`DELETE ${PLACE}/draft?seen=first`]: () => {
      server.routes[`GET ${PLACE}`] = { json: STATE };
      return { status: 204 };
    },
  });
  const { user } = await showPage(server, '/policy');
  expect(await screen.findByText('This workspace follows the rules of the installation')).toBeVisible();
  const row = screen.getByTestId('rule-person-image');
  expect(await within(row).findByText('Nudity: blocks when at least 60% sure')).toBeVisible();
  expect(within(row).getByText('as the floor')).toBeVisible();
  expect(screen.getByTestId('put-in-force')).toBeDisabled();

  await user.click(within(row).getByRole('button', { name: 'Change the rule “Image”' }));
  const form = await screen.findByRole('dialog');
  // The dialog comes in by a transition.
  await waitFor(() => expect(within(form).getByText('Known to miss: drawings')).toBeVisible());
  const sure = within(form).getByLabelText('When at least this sure (%)');
  await user.clear(sure);
  await user.type(sure, '20');
  await user.click(within(form).getByRole('button', { name: 'Keep in the draft' }));
  expect(await screen.findByText('This is a draft. Nothing of it is in force.')).toBeVisible();
  expect(asked('PUT', `${PLACE}/draft`)[0]?.body).toEqual({ seen: '', policy: at(0.2) });
  expect(within(screen.getByTestId('rule-person-image')).getByText('stricter')).toBeVisible();
  expect(await screen.findByText('1 would have a gate changed')).toBeVisible();
  expect(screen.getByRole('link', { name: 'Postcards' })).toBeVisible();

  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  await user.click(screen.getByRole('button', { name: 'Undo the last change' }));
  expect(await screen.findByText('This workspace follows the rules of the installation')).toBeVisible();
  expect(asked('DELETE', `${PLACE}/draft`)).toHaveLength(1);
});

it('names each rule that keeps a draft from coming into force, and says so when somebody else was faster', async () => {
  const message = { en: '“person-image” is milder than the floor, and may only be stricter.', zh: '更宽松' };
  const draft = draftOf(at(0.9), { faults: [{ rule: 'person-image', code: 'below_floor', message }] });
  await serve({
    [`GET ${PLACE}`]: { json: { ...STATE, draft } },
    [`PUT ${PLACE}/draft`]: {
      status: 409,
      json: { code: 'draft_moved', message: 'Somebody else has changed this draft meanwhile.', hint: null },
    },
  });
  const { user } = await showPage(server, '/policy');
  expect(await screen.findByText(message.en)).toBeVisible();
  expect(within(screen.getByTestId('rule-person-image')).getByText('needs a change')).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Remove the rule “Image”' }));
  expect(await screen.findByText('Somebody else has changed this draft meanwhile.')).toBeVisible();
  const before = asked('GET', PLACE).length;
  await user.click(screen.getByRole('button', { name: 'Load it again' }));
  await waitFor(() => expect(asked('GET', PLACE).length).toBeGreaterThan(before));
  await waitFor(() =>
    expect(screen.queryByText('Somebody else has changed this draft meanwhile.')).toBeNull(),
  );
});

it('puts a draft in force with a reason, by keys alone', async () => {
  const draft = draftOf(at(0.2));
  await serve({
    [`GET ${PLACE}`]: { json: { ...STATE, draft } },
    [`POST ${PLACE}/versions`]: ({ body }) => {
      const { reason } = body as { reason: string };
      const own = { version: 4, author: 'Li Ming', reason, created: '2026-11-26T12:00:00Z', policy: at(0.2) };
      server.routes[`GET ${PLACE}`] = { json: { ...STATE, own } };
      return { status: 201, json: own };
    },
  });
  const { user } = await showPage(server, '/policy');
  const button = await screen.findByTestId('put-in-force');
  button.focus();
  await user.keyboard('{Enter}');
  const why = await screen.findByLabelText('Why');
  await waitFor(() => expect(why).toHaveFocus());
  await user.keyboard('{Control>}{Enter}{/Control}');
  expect(screen.getByText('Say in a sentence why.')).toBeVisible();
  await user.keyboard('Children use it{Control>}{Enter}{/Control}');
  expect(await screen.findByText('Version 4 of its own is in force')).toBeVisible();
  expect(asked('POST', `${PLACE}/versions`)[0]?.body).toEqual({ reason: 'Children use it', seen: 'first' });
});

it('shows other members what holds, and offers them nothing that they may not do', async () => {
  await serve({ [`GET ${PLACE}`]: { json: { ...STATE, may_change: false } } });
  await showPage(server, '/policy', 'en');
  expect(await screen.findByText('These rules hold here')).toBeVisible();
  expect(screen.queryByTestId('put-in-force')).toBeNull();
  expect(screen.queryByRole('button', { name: /rule/i })).toBeNull();
  expect(asked('GET', `${PLACE}/preview`)).toEqual([]);
});

it('tells of a shadow, and of a workflow that would stop, in Chinese', async () => {
  const message = { en: 'Nothing of it passes.', zh: '策略未说明文本能否放行。' };
  const issue = { code: 'x', message, hint: null, node: null, port: null, param: null, edge: null } as const;
  const effects = PREVIEW.effects.map((effect) => ({
    ...effect,
    changes: 0,
    labels: 1,
    previews: true,
    stops: [{ ...issue, severity: 'error' as const }],
  }));
  const shadow = {
    id: '01930000-0000-7000-8000-0000000000e1',
    started: '2026-11-26T12:00:00Z',
    ended: null,
    author: 'Li Ming',
    reason: '先看看',
    looked: 12,
    failed: 1,
    differs: false,
    findings: [
      {
        rule: 'person-image',
        filter: 'safety.nudity',
        action: 'block',
        category: 'sexual_content',
        count: 3,
        runs: 2,
        last: '2026-11-26T12:00:00Z',
      },
    ],
  };
  await serve({
    'GET /api/session': { json: { ...signedIn(), language: 'zh-hans' } },
    [`GET ${PLACE}`]: { json: { ...STATE, draft: draftOf(at(0.2)), shadow } },
    [`GET ${PLACE}/preview?start=0`]: {
      json: {
        ...PREVIEW,
        effects,
        counts: { ...PREVIEW.counts, changes: 0, labels: 1, previews: 1, stops: 1 },
      },
    },
  });
  await showPage(server, '/policy', 'zh');
  expect(await screen.findByText('1 个会停止工作')).toBeVisible();
  expect(screen.getByText('1 个的 AI 标识会改变')).toBeVisible();
  expect(screen.getByText('1 个的图片在通过闸门前的显示方式会改变')).toBeVisible();
  expect(screen.getByText('AI 标识改变 · 图片在通过闸门前的显示方式改变')).toBeVisible();
  expect(screen.getByText(message.zh)).toBeVisible();
  expect(await screen.findByText('色情内容 · 裸露内容')).toBeVisible();
  expect(screen.getByRole('button', { name: '结束影子策略' })).toBeVisible();
});
