// Who is here: the session, signing in and out, and the language that the server speaks to us.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useLanguage, type Language } from '../i18n';
import { keys } from './queries';
import { request } from './request';
import { languageTo, type Session } from './types';

export function useSession() {
  return useQuery({
    queryKey: keys.session,
    queryFn: ({ signal }) => request<Session>('GET', '/api/session', { signal }),
    staleTime: 60_000,
  });
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (credentials: Credentials) => request<Session>('POST', '/api/session', { json: credentials }),
    // Nothing that an anonymous visitor was told may outlive the moment.
    onSuccess: () => client.resetQueries(),
  });
}

export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => request('DELETE', '/api/session'),
    onSuccess: () => client.resetQueries(),
  });
}

/** Switches the page at once and tells the server, which renders error sentences in the same language. */
export function useSwitchLanguage() {
  const setLanguage = useLanguage((state) => state.setLanguage);
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (language: Language) => {
      setLanguage(language);
      return request<Session>('PATCH', '/api/session', { json: { language: languageTo(language) } });
    },
    // The server renders some names itself: what it said in the other language is old.
    onSuccess: () => client.invalidateQueries(),
  });
}
