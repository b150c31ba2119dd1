// Shows a page of the real app, at an address, against a test's server.
import { render } from '@testing-library/react';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import { createMemoryRouter } from 'react-router';
import type { Session } from '../api/types';
import type { TestServer } from './server';

/** What vitest's jsdom environment offers beside the window. */
declare const jsdom: { reconfigure: (settings: { url: string }) => void };

export interface ShownPage {
  readonly user: UserEvent;
  /** Where the app is now. */
  readonly path: () => string;
}

export async function showPage(
  server: TestServer,
  path: string,
  language: 'en' | 'zh' = 'en',
): Promise<ShownPage> {
  jsdom.reconfigure({ url: `${server.origin}${path}` });
  localStorage.clear();
  // Imported here, because the client reads the page's own address when it is made.
  const [{ App }, { routes }, { makeQueryClient }, { useLanguage }] = await Promise.all([
    import('../app/App'),
    import('../app/router'),
    import('../api/queries'),
    import('../i18n'),
  ]);
  useLanguage.getState().setLanguage(language);
  const router = createMemoryRouter(routes, { initialEntries: [path] });
  render(<App client={makeQueryClient()} router={router} />);
  return { user: userEvent.setup(), path: () => router.state.location.pathname };
}

export const WORKSPACE = '01930000-0000-7000-8000-0000000000f1';

export function signedIn(change: Partial<NonNullable<Session['user']>> = {}): Session {
  return {
    user: {
      id: '01930000-0000-7000-8000-0000000000f0',
      name: 'Li Ming',
      username: 'li',
      email: '',
      is_admin: false,
      has_password: true,
      lent: null,
      ...change,
    },
    workspaces: [{ id: WORKSPACE, name: 'Studio', role: 'owner' }],
    language: 'en',
    version: '0.1.0',
  };
}
