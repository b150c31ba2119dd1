// Runs: lists, one run, cancel.
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { keys } from './queries';
import { request } from './request';
import type { Id, Page, Run, RunItem } from './types';
import { pathOf } from './workflows';

export function getRun(id: Id, signal?: AbortSignal): Promise<Run> {
  return request('GET', `/api/runs/${id}`, { signal });
}

export function cancelRun(id: Id): Promise<Run> {
  return request('POST', `/api/runs/${id}/cancel`);
}

export function useRuns(workspace: Id | undefined) {
  return useInfiniteQuery({
    queryKey: keys.runs(workspace ?? ''),
    enabled: workspace !== undefined,
    initialPageParam: `/api/workspaces/${workspace ?? ''}/runs`,
    queryFn: ({ pageParam, signal }) => request<Page<RunItem>>('GET', pageParam, { signal }),
    getNextPageParam: (page) => (page.next ? pathOf(page.next) : undefined),
    // The list has no stream of its own: it looks again while something on it still moves.
    refetchInterval: (query) =>
      query.state.data?.pages.some((page) => page.results.some((run) => !isOver(run.state))) ? 2_000 : false,
  });
}

export function isOver(state: RunItem['state']): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled' || state === 'blocked';
}

export function useCancelRun() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: cancelRun,
    onSuccess: (_run, id) => client.invalidateQueries({ queryKey: keys.run(id) }),
  });
}
