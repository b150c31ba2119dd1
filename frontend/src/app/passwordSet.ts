// What an entry of the browser's history remembers of somebody who has set their password, and signs in again.

/** In no address: nobody else can send a person to a page that says so. */
export interface PasswordSet {
  readonly passwordSetFor: string;
}

export function hasSetPassword(state: unknown): state is PasswordSet {
  return typeof state === 'object' && state !== null && 'passwordSetFor' in state;
}
