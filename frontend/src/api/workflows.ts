// Workflows: list, open, change, save a draft, compile; versions and sharing.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, ask, askPage, sent } from './client';
import { keys } from './queries';
import type {
  Compiled,
  DraftSaved,
  Graph,
  Id,
  Page,
  VersionWithGraph,
  Workflow,
  WorkflowItem,
} from './types';

export { startRun } from './runs';

export function useWorkflows(workspace: Id | undefined) {
  return useInfiniteQuery({
    queryKey: keys.workflows(workspace ?? ''),
    enabled: workspace !== undefined,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }): Promise<Page<WorkflowItem>> =>
      pageParam
        ? askPage<WorkflowItem>(pageParam, signal)
        : ask(
            api.GET('/api/workspaces/{workspace}/workflows', {
              params: { path: { workspace: workspace ?? '' } },
              signal,
            }),
          ),
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

export function getWorkflow(workflow: Id, signal?: AbortSignal): Promise<Workflow> {
  return ask(
    api.GET('/api/workflows/{workflow}', { params: { path: { workflow } }, signal: signal ?? null }),
  );
}

export function useWorkflow(id: Id) {
  return useQuery({ queryKey: keys.workflow(id), queryFn: ({ signal }) => getWorkflow(id, signal) });
}

export interface NewWorkflow {
  readonly name: string;
  readonly graph?: Graph;
}

export function useCreateWorkflow(workspace: Id | undefined) {
  return useListChange(workspace, (body: NewWorkflow) =>
    ask(
      api.POST('/api/workspaces/{workspace}/workflows', {
        params: { path: { workspace: workspace ?? '' } },
        body: sent(body),
      }),
    ),
  );
}

export function useDuplicateWorkflow(workspace: Id | undefined) {
  return useListChange(workspace, (workflow: Id) =>
    ask(api.POST('/api/workflows/{workflow}/duplicate', { params: { path: { workflow } } })),
  );
}

export interface Deletion {
  readonly id: Id;
  /** Although others call it: without it the server refuses with `workflow_called`. */
  readonly anyway: boolean;
}

export function useDeleteWorkflow(workspace: Id | undefined) {
  return useListChange(workspace, ({ id, anyway }: Deletion) => {
    const query = anyway ? { anyway: '1' } : {};
    return ask(api.DELETE('/api/workflows/{workflow}', { params: { path: { workflow: id }, query } }));
  });
}

/** The workflows that call this one. */
export function useCallers(workflow: Id) {
  return useQuery({
    queryKey: keys.callers(workflow),
    queryFn: ({ signal }) =>
      ask(api.GET('/api/workflows/{workflow}/callers', { params: { path: { workflow } }, signal })),
    select: ({ results }) => results,
  });
}

/** Brings back a workflow that was deleted in the last thirty days. */
export function useRestoreWorkflow(workspace: Id | undefined) {
  return useListChange(workspace, (workflow: Id) =>
    ask(api.POST('/api/workflows/{workflow}/restore', { params: { path: { workflow } } })),
  );
}

function useListChange<Given, Made>(workspace: Id | undefined, mutationFn: (given: Given) => Promise<Made>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn,
    onSuccess: () => client.invalidateQueries({ queryKey: keys.workflows(workspace ?? '') }),
  });
}

export interface WorkflowChange {
  readonly id: Id;
  readonly name?: string;
  readonly description?: string;
}

export function useChangeWorkflow() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...body }: WorkflowChange) =>
      ask(api.PATCH('/api/workflows/{workflow}', { params: { path: { workflow: id } }, body })),
    onSuccess: async (workflow) => {
      await client.invalidateQueries({ queryKey: keys.workflows(workflow.workspace) });
      await client.invalidateQueries({ queryKey: keys.workflow(workflow.id) });
    },
  });
}

// ---- drafts ----
/** Saves the draft on top of `base`; an ApiError `revision_conflict` carries the newer one in `current`. */
export function saveDraft(
  workflow: Id,
  base: number,
  graph: Graph,
  signal?: AbortSignal,
): Promise<DraftSaved> {
  return ask(
    api.PUT('/api/workflows/{workflow}/draft', {
      params: { path: { workflow } },
      body: { base_revision: base, graph: sent(graph) },
      signal: signal ?? null,
    }),
  );
}

/** Under the policy of the workflow that the graph is a draft of; the whole, or as a run up to a node. */
export function compileGraph(
  { id, workspace }: { id: Id; workspace: Id },
  graph: Graph,
  { to = null, signal }: { readonly to?: string | null; readonly signal?: AbortSignal } = {},
): Promise<Compiled> {
  return ask(
    api.POST('/api/workspaces/{workspace}/compile', {
      params: { path: { workspace } },
      body: { graph: sent(graph), workflow: id, to },
      signal: signal ?? null,
    }),
  );
}

/** What a graph asks for and gives back; its edition (a revision or a version) names the answer. */
export function useCompiled(workflow: Workflow | undefined, graph: Graph | undefined, edition: string) {
  return useQuery({
    queryKey: keys.compiled(workflow?.id ?? '', edition),
    enabled: workflow !== undefined && graph !== undefined,
    queryFn: ({ signal }) => {
      if (!workflow || !graph) throw new Error('not enabled without a graph');
      return compileGraph(workflow, graph, { signal });
    },
  });
}

// ---- versions ----
export function useVersions(workflow: Id) {
  return useQuery({
    queryKey: keys.versions(workflow),
    queryFn: async ({ signal }) =>
      (await ask(api.GET('/api/workflows/{workflow}/versions', { params: { path: { workflow } }, signal })))
        .results,
  });
}

export function getVersion(workflow: Id, number: number, signal?: AbortSignal): Promise<VersionWithGraph> {
  return ask(
    api.GET('/api/workflows/{workflow}/versions/{number}', {
      params: { path: { workflow, number: String(number) } },
      signal: signal ?? null,
    }),
  );
}

/** A published version with its graph; nothing is asked while there is no number. */
export function useVersion(workflow: Id, number: number | null) {
  return useQuery({
    queryKey: [...keys.versions(workflow), number],
    enabled: number !== null,
    queryFn: ({ signal }) => getVersion(workflow, Number(number), signal),
    staleTime: Infinity,
  });
}

export function usePublish(workflow: Id) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (note: string) =>
      ask(api.POST('/api/workflows/{workflow}/versions', { params: { path: { workflow } }, body: { note } })),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.versions(workflow) });
      await client.invalidateQueries({ queryKey: keys.workflow(workflow) });
    },
  });
}

export interface ShareAs {
  readonly version: number;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
}

export function useShare(workflow: Id) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ version, ...body }: ShareAs) =>
      ask(
        api.POST('/api/workflows/{workflow}/versions/{number}/share', {
          params: { path: { workflow, number: String(version) } },
          body: sent(body),
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.templates }),
  });
}
