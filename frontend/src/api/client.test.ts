import { afterEach, beforeEach, expect, it } from 'vitest';
import { startServer, type TestServer } from '../testing/server';
import type { ApiError } from './errors';

declare const jsdom: { reconfigure: (settings: { url: string }) => void };
let server: TestServer;

beforeEach(async () => {
  server = await startServer({});
  jsdom.reconfigure({ url: server.origin });
});
afterEach(() => server.close());

/** The client reads the page's address when it is made, so each test makes its own. */
async function client() {
  const { vi } = await import('vitest');
  vi.resetModules();
  return { ...(await import('./client')), ...(await import('./errors')), ...(await import('../i18n')) };
}

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  try {
    await promise;
  } catch (error) {
    return error as ApiError;
  }
  throw new Error('it did not fail');
}

it('gives what the server says', async () => {
  server.routes['GET /api/models'] = { json: { results: [] } };
  const { api, ask } = await client();
  expect(await ask(api.GET('/api/models'))).toEqual({ results: [] });
});

it('brings the CSRF token and the language, and the token only where something changes', async () => {
  document.cookie = 'csrftoken=a%20token; path=/';
  server.routes['GET /api/session'] = { json: {} };
  server.routes['PATCH /api/session'] = { json: {} };
  const { api, ask, useLanguage } = await client();
  useLanguage.getState().setLanguage('zh');
  await ask(api.GET('/api/session'));
  await ask(api.PATCH('/api/session', { body: { language: 'en' } }));
  const [read, write] = server.asked;
  expect(read?.headers).toMatchObject({ 'accept-language': 'zh-hans' });
  expect(read?.headers).not.toHaveProperty('x-csrftoken');
  expect(write?.headers).toMatchObject({ 'x-csrftoken': 'a token', 'content-type': 'application/json' });
  expect(write?.body).toEqual({ language: 'en' });
});

it('turns the error envelope into an error with a way out', async () => {
  const issue = { code: 'type_mismatch', message: { en: 'No.', zh: '否。' }, node: 'a' };
  server.routes['GET /api/models'] = {
    status: 400,
    json: { code: 'graph_invalid', message: 'Look again.', hint: 'Mend it.', issues: [issue] },
  };
  const { api, ask, ApiError } = await client();
  const error = await failure(ask(api.GET('/api/models')));
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({
    status: 400,
    code: 'graph_invalid',
    message: 'Look again.',
    hint: 'Mend it.',
    issues: [issue],
  });
});

it('hands on the newer draft of a conflict', async () => {
  const current = { revision: 4, graph: { format: 1, nodes: [], edges: [] }, saved: 'now', by: null };
  server.routes['GET /api/models'] = {
    status: 409,
    json: { code: 'revision_conflict', message: 'Newer.', hint: null, current },
  };
  const { api, ask } = await client();
  expect((await failure(ask(api.GET('/api/models')))).current).toEqual(current);
});

it('says honestly what it does not understand', async () => {
  server.routes['GET /api/models'] = { status: 502, text: '<h1>Bad gateway</h1>' };
  const { api, ask } = await client();
  expect(await failure(ask(api.GET('/api/models')))).toMatchObject({ status: 502, code: 'unexpected' });
});

it('says when the server cannot be reached', async () => {
  const { api, ask } = await client();
  await server.close();
  expect(await failure(ask(api.GET('/api/models')))).toMatchObject({ status: 0, code: 'unreachable' });
  server = await startServer({});
});

it('follows a list by the address that a page gives, on our own origin', async () => {
  server.routes['GET /api/workspaces/w/runs?cursor=abc'] = { json: { results: [1], next: null } };
  const { askPage } = await client();
  const next = 'http://behind-a-proxy:8000/api/workspaces/w/runs?cursor=abc';
  expect(await askPage(next, new AbortController().signal)).toEqual({ results: [1], next: null });
});
