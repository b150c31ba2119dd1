// The filters of this installation, and what they would say of something.
import { useQuery } from '@tanstack/react-query';
import { api, ask, sent } from './client';
import { keys } from './queries';
import type { Id, Tried, WhatIf } from './types';

export function useFilters() {
  return useQuery({
    queryKey: keys.filters,
    queryFn: ({ signal }) => ask(api.GET('/api/filters', { signal })),
    // They change only when the server is restarted with other packs.
    staleTime: Infinity,
    select: ({ results }) => results,
  });
}

/** Asks a worker's filters. Nothing runs and nothing is kept; whoever takes the signal back hears no more of it. */
export function whatIf(workspace: Id, body: WhatIf, signal: AbortSignal): Promise<Tried> {
  return ask(
    api.POST('/api/workspaces/{workspace}/what-if', {
      params: { path: { workspace } },
      body: sent(body),
      signal,
    }),
  );
}
