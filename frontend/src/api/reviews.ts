// Reviews: what waits for a person's decision, and appeals for what was withheld.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, ask, askPage, sent } from './client';
import { keys } from './queries';
import { useSession } from './session';
import type { Appeal, Id, Material, NewOpinion, Page, Review } from './types';

/** Milliseconds between two looks at what waits: nobody is told of it otherwise. */
const AGAIN = 15_000;

/** Whether this person is ever asked to decide about something. */
export function useIsReviewer(): boolean {
  const { data: session } = useSession();
  const reviewer = session?.workspaces.some(({ role }) => role === 'reviewer') ?? false;
  return reviewer || (session?.user?.is_admin ?? false);
}

export function useReviews() {
  return useInfiniteQuery({
    queryKey: keys.reviews,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }): Promise<Page<Review>> =>
      pageParam ? askPage<Review>(pageParam, signal) : ask(api.GET('/api/reviews', { signal })),
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: AGAIN,
  });
}

export function useReview(review: Id) {
  return useQuery({
    queryKey: keys.review(review),
    queryFn: ({ signal }) => ask(api.GET('/api/reviews/{review}', { params: { path: { review } }, signal })),
  });
}

/** Shows the material; the look is written down. What was seen is kept by nothing but the page. */
export function useLook(review: Id) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (): Promise<Material> =>
      ask(api.POST('/api/reviews/{review}/looks', { params: { path: { review } } })),
    gcTime: 0,
    onSuccess: () => client.invalidateQueries({ queryKey: keys.review(review) }),
  });
}

export function useGiveOpinion(review: Id) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (opinion: NewOpinion): Promise<Review> =>
      ask(api.POST('/api/reviews/{review}/opinions', { params: { path: { review } }, body: sent(opinion) })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.reviews }),
  });
}

export function useAppeals(run: Id, enabled: boolean) {
  return useQuery({
    queryKey: keys.appeals(run),
    enabled,
    queryFn: async ({ signal }): Promise<readonly Appeal[]> => {
      const answer = await ask(api.GET('/api/runs/{run}/appeals', { params: { path: { run } }, signal }));
      return answer.results;
    },
  });
}

export function useAppeal(run: Id) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { output: string; text: string }) =>
      ask(api.POST('/api/runs/{run}/appeals', { params: { path: { run } }, body })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.appeals(run) }),
  });
}
