// One run as a page wants it: the stored picture first, then every event as it arrives.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { keys } from './queries';
import { getRun, isOver } from './runs';
import { newerOf, reduceRun, viewOf, type RunView } from './runState';
import { followRun, type StreamStatus } from './runStream';
import type { Id, Run } from './types';

export interface LiveRun {
  readonly view: RunView | undefined;
  readonly error: Error | null;
  readonly status: StreamStatus;
  readonly reload: () => void;
}

export function useRunView(id: Id | null): LiveRun {
  const client = useQueryClient();
  const [status, setStatus] = useState<StreamStatus>('connecting');
  const query = useQuery({
    queryKey: keys.run(id ?? ''),
    enabled: id !== null,
    queryFn: async ({ signal }) => {
      const read = viewOf(await getRun(id ?? '', signal));
      return newerOf(client.getQueryData<RunView>(keys.run(id ?? '')), read);
    },
    // The stream keeps it fresh; asking again in between would drop what lives only on the stream.
    staleTime: Infinity,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const moving = query.data !== undefined && !isOver(query.data.run.state);
  useEffect(() => {
    if (id === null || !moving) return undefined;
    const key = keys.run(id);
    return followRun({
      run: id,
      after: client.getQueryData<RunView>(key)?.seq ?? 0,
      onEvent: (event) => {
        client.setQueryData<RunView>(key, (view) => (view ? reduceRun(view, event) : view));
      },
      onStatus: (next) => {
        setStatus(next);
        // The stored run has the last word: what came from the cache, final costs, exact times.
        if (next === 'ended') void client.invalidateQueries({ queryKey: key });
      },
    });
  }, [client, id, moving]);
  return {
    view: query.data,
    error: query.error,
    status: moving ? status : 'ended',
    reload: () => void query.refetch(),
  };
}

/** Puts a run that was just started where `useRunView` finds it, so that the page need not ask again. */
export function useRememberRun(): (run: Run) => void {
  const client = useQueryClient();
  return (run) => {
    client.setQueryData(keys.run(run.id), viewOf(run));
    void client.invalidateQueries({ queryKey: ['runs'] });
  };
}
