// The policy of a workspace or of one of its workflows: what holds, an owner's draft, what it would do, the shadow.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, ask, askPage, sent } from './client';
import { keys } from './queries';
import type { Id, Page, PolicyDraft, PolicyRules, PolicyState, PolicyVersionItem } from './types';

/** Whose policy: the workspace's, or where a workflow is named, that workflow's. */
export interface Whose {
  readonly workspace: Id;
  readonly workflow: Id | null;
}

function where({ workspace, workflow }: Whose) {
  return { path: { workspace }, query: workflow === null ? {} : { workflow } };
}

const key = ({ workspace, workflow }: Whose) => keys.policy(workspace, workflow ?? '');

export function usePolicy(whose: Whose) {
  return useQuery({
    queryKey: key(whose),
    queryFn: ({ signal }) =>
      ask(api.GET('/api/workspaces/{workspace}/policy', { params: where(whose), signal })),
  });
}

/** What a draft would do to published workflows. `seen` is the draft's digest: another draft, another answer. */
export function usePolicyPreview(whose: Whose, seen: string, enabled: boolean) {
  return useInfiniteQuery({
    queryKey: [...key(whose), 'preview', seen],
    enabled,
    initialPageParam: 0,
    queryFn: ({ pageParam, signal }) => {
      const { path, query } = where(whose);
      return ask(
        api.GET('/api/workspaces/{workspace}/policy/preview', {
          params: { path, query: { ...query, start: pageParam } },
          signal,
        }),
      );
    },
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

export function usePolicyVersions(whose: Whose) {
  return useInfiniteQuery({
    queryKey: [...key(whose), 'versions'],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }): Promise<Page<PolicyVersionItem>> =>
      pageParam
        ? askPage<PolicyVersionItem>(pageParam, signal)
        : ask(api.GET('/api/workspaces/{workspace}/policy/versions', { params: where(whose), signal })),
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

export interface DraftEdit {
  /** The draft that the edit was made from; empty where there was none. */
  readonly seen: string;
  readonly policy: PolicyRules;
  /** Keeps it on top of this version. */
  readonly base?: number;
}

export function useSavePolicyDraft(whose: Whose) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: DraftEdit) =>
      ask(api.PUT('/api/workspaces/{workspace}/policy/draft', { params: where(whose), body: sent(body) })),
    // At once, so that the next edit is made from this one.
    onSuccess: (draft: PolicyDraft) =>
      client.setQueryData(key(whose), (state: PolicyState | undefined) => state && { ...state, draft }),
  });
}

/** Only the draft that was seen: somebody else's change of it is not thrown away. */
export function useDiscardPolicyDraft(whose: Whose) {
  return useAsked(whose, (seen: string) => {
    const { path, query } = where(whose);
    const params = { path, query: { ...query, seen } };
    return ask(api.DELETE('/api/workspaces/{workspace}/policy/draft', { params }));
  });
}

export interface Reasoned {
  readonly reason: string;
  readonly seen: string;
}

export function usePublishPolicy(whose: Whose) {
  return useAsked(whose, (body: Reasoned) =>
    ask(api.POST('/api/workspaces/{workspace}/policy/versions', { params: where(whose), body })),
  );
}

export function useStartPolicyShadow(whose: Whose) {
  return useAsked(whose, (body: Reasoned) =>
    ask(api.POST('/api/workspaces/{workspace}/policy/shadow', { params: where(whose), body })),
  );
}

export function useEndPolicyShadow(whose: Whose) {
  return useAsked(whose, () =>
    ask(api.DELETE('/api/workspaces/{workspace}/policy/shadow', { params: where(whose) })),
  );
}

function useAsked<Given, Made>(whose: Whose, mutationFn: (given: Given) => Promise<Made>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn,
    onSuccess: () => client.invalidateQueries({ queryKey: key(whose) }),
  });
}
