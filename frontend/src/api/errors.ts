// What went wrong with a request, in words for a person.
import { currentI18n } from '../i18n';
import type { DraftConflict, Issue } from './types';

export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    /** The HTTP status; 0 when the server was not reached. */
    readonly status: number,
    readonly code: string,
    /** A sentence, in the language that was asked for. */
    message: string,
    /** What to do about it. */
    readonly hint: string | null = null,
    readonly issues: readonly Issue[] = [],
    /** The newer draft, when a save met one. */
    readonly current: DraftConflict | null = null,
  ) {
    super(message);
  }
}

/** Reads the error envelope; anything else becomes an honest sentence of our own. */
export function errorFrom(status: number, body: unknown): ApiError {
  const { t } = currentI18n();
  if (isEnvelope(body)) {
    return new ApiError(
      status,
      body.code,
      body.message,
      body.hint ?? null,
      body.issues ?? [],
      body.current ?? null,
    );
  }
  if (status === 0)
    return new ApiError(0, 'unreachable', t('common.unreachable'), t('common.unreachable_hint'));
  return new ApiError(status, 'unexpected', t('common.unexpected', { status: String(status) }));
}

/** Whatever was thrown, as an ApiError. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const { t } = currentI18n();
  return new ApiError(0, 'bug', error instanceof Error ? error.message : t('common.something_broke'));
}

interface Envelope {
  code: string;
  message: string;
  hint?: string | null;
  issues?: readonly Issue[];
  current?: DraftConflict;
}

function isEnvelope(body: unknown): body is Envelope {
  return typeof body === 'object' && body !== null && 'code' in body && 'message' in body;
}
