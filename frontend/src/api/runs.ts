// Runs: starting, lists, one run, cancel.
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, ask, askPage } from './client';
import { keys } from './queries';
import type { Id, Json, Page, Run, RunItem } from './types';

export interface StartRun {
  readonly inputs: Readonly<Record<string, Json>>;
  /** A published version; without one, the saved draft runs. */
  readonly version?: number | null;
  /** The node at which a partial run ends. */
  readonly to?: string | null;
  /** One press of the button is one run, however often the request is repeated. */
  readonly key?: string;
}

export function startRun(workflow: Id, { inputs, version = null, to = null, key }: StartRun): Promise<Run> {
  return ask(
    api.POST('/api/workflows/{workflow}/runs', {
      params: { path: { workflow }, header: key ? { 'Idempotency-Key': key } : {} },
      body: { inputs, version, to },
    }),
  );
}

export function getRun(run: Id, signal?: AbortSignal): Promise<Run> {
  return ask(api.GET('/api/runs/{run}', { params: { path: { run } }, signal: signal ?? null }));
}

export function cancelRun(run: Id): Promise<Run> {
  return ask(api.POST('/api/runs/{run}/cancel', { params: { path: { run } } }));
}

export type Said = 'happened' | 'not_happened' | 'stop';

/** Whether a step happened that must not happen twice, or that the run is stopped. */
export function decideEffect(
  run: Id,
  said: { readonly step: string; readonly attempt: number; readonly decision: Said },
): Promise<Run> {
  return ask(api.POST('/api/runs/{run}/effects', { params: { path: { run } }, body: said }));
}

/** A new run with the same inputs; what had ended is taken over. `again`: also what must not happen twice may happen again. */
export function restartRun(run: Id, key: string, again = false): Promise<Run> {
  return ask(
    api.POST('/api/runs/{run}/restart', {
      params: { path: { run }, header: { 'Idempotency-Key': key } },
      body: { again },
    }),
  );
}

export function canRestart(state: RunItem['state']): boolean {
  return isOver(state) && state !== 'succeeded';
}

export function useCancelRun() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: cancelRun,
    onSuccess: (_run, id) => client.invalidateQueries({ queryKey: keys.run(id) }),
  });
}

export function useRuns(workspace: Id | undefined) {
  return useInfiniteQuery({
    queryKey: keys.runs(workspace ?? ''),
    enabled: workspace !== undefined,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }): Promise<Page<RunItem>> =>
      pageParam
        ? askPage<RunItem>(pageParam, signal)
        : ask(
            api.GET('/api/workspaces/{workspace}/runs', {
              params: { path: { workspace: workspace ?? '' } },
              signal,
            }),
          ),
    getNextPageParam: (page) => page.next ?? undefined,
    // The list has no stream of its own: it looks again while something on it still moves.
    refetchInterval: (query) =>
      query.state.data?.pages.some((page) => page.results.some((run) => !isOver(run.state))) ? 2_000 : false,
  });
}

export function isOver(state: RunItem['state']): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled' || state === 'blocked';
}

export const TEXT_FORMS = ['txt', 'md'] as const;

/** Where a delivered text is a file. */
export function textFileUrl(run: Id, output: string, form: (typeof TEXT_FORMS)[number]): string {
  return `/api/runs/${run}/text-file?output=${encodeURIComponent(output)}&form=${form}`;
}
