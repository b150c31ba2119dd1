// What a run asks people: shown to who may run it, and answered once.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, ask } from './client';
import { keys } from './queries';
import type { Id, Question, Run, RunStep } from './types';

/** The steps of a run that wait for an answer. */
export function askingSteps(run: Run): readonly RunStep[] {
  return run.steps.filter(({ state, waits }) => state === 'waiting' && waits?.for === 'answer');
}

/** Asked anew whenever other steps ask; what was seen is kept by nothing but the page. */
export function useQuestions(run: Run, enabled: boolean) {
  const asking = askingSteps(run).map(({ id, attempt }) => `${id} ${attempt}`);
  return useQuery({
    queryKey: [...keys.questions(run.id), ...asking],
    enabled: enabled && asking.length > 0,
    gcTime: 0,
    queryFn: async ({ signal }): Promise<readonly Question[]> => {
      const { results } = await ask(
        api.GET('/api/runs/{run}/questions', { params: { path: { run: run.id } }, signal }),
      );
      return results;
    },
  });
}

export function useAnswer(run: Id) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { readonly step: string; readonly attempt: number; readonly answer: string }) =>
      ask(api.POST('/api/runs/{run}/answers', { params: { path: { run } }, body })),
    // Somebody else may have been faster: either way what stands here is old.
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.run(run) }),
        client.invalidateQueries({ queryKey: keys.questions(run) }),
      ]),
  });
}
