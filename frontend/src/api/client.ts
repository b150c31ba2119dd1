// The one way to the server: typed by its own description, with session, CSRF token and language; errors are ApiErrors.
import createClient, { type Middleware } from 'openapi-fetch';
import { useLanguage } from '../i18n';
import { errorFrom } from './errors';
import type { paths } from './schema';
import { languageTo, type Page, type Plain } from './types';

const manners: Middleware = {
  onRequest({ request }) {
    request.headers.set('Accept-Language', languageTo(useLanguage.getState().language));
    if (request.method !== 'GET') request.headers.set('X-CSRFToken', csrfToken());
    return request;
  },
  onError({ request }) {
    // A request that we took back ourselves is not a failure of the server.
    return request.signal.aborted ? undefined : errorFrom(0, null);
  },
};

export const api = createClient<paths>({
  baseUrl: window.location.origin,
  credentials: 'same-origin',
  // Looked up at each call: a test may put its own in place.
  fetch: (request) => globalThis.fetch(request),
});
api.use(manners);

interface Answer<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** What the server answered, or an ApiError. */
export async function ask<T>(answer: Promise<Answer<T>>): Promise<Plain<T>> {
  const { data, error, response } = await answer;
  if (!response.ok) throw errorFrom(response.status, error);
  return data as Plain<T>;
}

type Writable<T> = T extends readonly (infer Item)[]
  ? Writable<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Writable<T[Key]> }
    : T;

/** A body of read-only parts, for a client that asks for writable ones and changes nothing. */
export function sent<T>(body: T): Writable<T> {
  return body as Writable<T>;
}

/** A page of a list by the address that the page before it gave. */
export async function askPage<T>(next: string, signal: AbortSignal): Promise<Page<T>> {
  const { pathname, search } = new URL(next, window.location.origin);
  // Its path is known only at run time: any path with a body of its own will do for the types.
  const answer = await ask(api.GET((pathname + search) as '/api/session', { signal }));
  return answer as unknown as Page<T>;
}

/** Django hands the token out in a cookie; a foreign site cannot read it. */
function csrfToken(): string {
  const found = /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie);
  return found?.[1] ? decodeURIComponent(found[1]) : '';
}
