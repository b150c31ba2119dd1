// One request to the server: session cookie, CSRF token, language, and errors as ApiError.
import { useLanguage } from '../i18n';
import { errorFrom } from './errors';
import { languageTo } from './types';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Options {
  readonly json?: unknown;
  readonly form?: FormData;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

export async function request<T>(method: Method, path: string, options: Options = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      credentials: 'same-origin',
      headers: headersFor(method, options),
      body: options.form ?? (options.json === undefined ? null : JSON.stringify(options.json)),
      signal: options.signal ?? null,
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw errorFrom(0, null);
  }
  const body: unknown = await readBody(response);
  if (!response.ok) throw errorFrom(response.status, body);
  return body as T;
}

function headersFor(method: Method, options: Options): Record<string, string> {
  return {
    Accept: 'application/json',
    'Accept-Language': languageTo(useLanguage.getState().language),
    ...(options.json === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...(method === 'GET' ? {} : { 'X-CSRFToken': csrfToken() }),
    ...options.headers,
  };
}

/** Django hands the token out in a cookie; a foreign site cannot read it. */
export function csrfToken(): string {
  const found = /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie);
  return found?.[1] ? decodeURIComponent(found[1]) : '';
}

async function readBody(response: Response): Promise<unknown> {
  if (response.status === 204) return null;
  const text = await response.text();
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return null; // A page instead of JSON (a proxy's, say): the status speaks then.
  }
}
