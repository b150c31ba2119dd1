// Who is here: the session, signing in and out, and the language that the server speaks to us.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useLanguage, type Language } from '../i18n';
import { api, ask } from './client';
import { keys } from './queries';
import { languageTo } from './types';

export function useSession() {
  return useQuery({
    queryKey: keys.session,
    queryFn: ({ signal }) => ask(api.GET('/api/session', { signal })),
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
    mutationFn: (body: Credentials) => ask(api.POST('/api/session', { body })),
    // Nothing that an anonymous visitor was told may outlive the moment.
    onSuccess: () => client.resetQueries(),
  });
}

export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => ask(api.DELETE('/api/session')),
    onSuccess: () => client.resetQueries(),
  });
}

export interface NewPassword {
  readonly current: string;
  readonly new: string;
}

/** Ends every session of this person: what was shown is forgotten by whoever leads them to sign in again. */
export function useSetPassword() {
  return useMutation({
    mutationFn: (body: NewPassword) => ask(api.PUT('/api/session/password', { body })),
  });
}

/** Switches the page at once and tells the server, which renders error sentences in the same language. */
export function useSwitchLanguage() {
  const setLanguage = useLanguage((state) => state.setLanguage);
  const client = useQueryClient();
  return useMutation({
    mutationFn: (language: Language) => {
      setLanguage(language);
      return ask(api.PATCH('/api/session', { body: { language: languageTo(language) } }));
    },
    // The server renders some names itself: what it said in the other language is old.
    onSuccess: () => client.invalidateQueries(),
  });
}
