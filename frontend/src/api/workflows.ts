// Workflows: list, open, save a draft, publish a version, compile, start a run.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { keys } from './queries';
import { request } from './request';
import type {
  Compiled,
  DraftSaved,
  Graph,
  Id,
  Json,
  Page,
  Run,
  Template,
  Version,
  VersionWithGraph,
  Workflow,
  WorkflowItem,
} from './types';

/** The next page's address as a path of our own origin: a proxy may know the server by another name. */
export function pathOf(next: string): string {
  const url = new URL(next, window.location.origin);
  return url.pathname + url.search;
}

export function useWorkflows(workspace: Id | undefined) {
  return useInfiniteQuery({
    queryKey: keys.workflows(workspace ?? ''),
    enabled: workspace !== undefined,
    initialPageParam: `/api/workspaces/${workspace ?? ''}/workflows`,
    queryFn: ({ pageParam, signal }) => request<Page<WorkflowItem>>('GET', pageParam, { signal }),
    getNextPageParam: (page) => (page.next ? pathOf(page.next) : undefined),
  });
}

export function useWorkflow(id: Id) {
  return useQuery({
    queryKey: keys.workflow(id),
    queryFn: ({ signal }) => request<Workflow>('GET', `/api/workflows/${id}`, { signal }),
  });
}

export interface NewWorkflow {
  readonly name: string;
  readonly graph?: Graph;
}

export function useCreateWorkflow(workspace: Id | undefined) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (workflow: NewWorkflow) =>
      request<Workflow>('POST', `/api/workspaces/${workspace ?? ''}/workflows`, { json: workflow }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.workflows(workspace ?? '') }),
  });
}

export function useChangeWorkflow() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...change }: { id: Id; name?: string; description?: string }) =>
      request<Workflow>('PATCH', `/api/workflows/${id}`, { json: change }),
    onSuccess: async (workflow) => {
      await client.invalidateQueries({ queryKey: keys.workflows(workflow.workspace) });
      await client.invalidateQueries({ queryKey: keys.workflow(workflow.id) });
    },
  });
}

export function useDeleteWorkflow(workspace: Id | undefined) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: Id) => request('DELETE', `/api/workflows/${id}`),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.workflows(workspace ?? '') }),
  });
}

/** Brings back a workflow that was deleted in the last thirty days. */
export function useRestoreWorkflow(workspace: Id | undefined) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: Id) => request<Workflow>('POST', `/api/workflows/${id}/restore`),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.workflows(workspace ?? '') }),
  });
}

export function useDuplicateWorkflow(workspace: Id | undefined) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: Id) => request<Workflow>('POST', `/api/workflows/${id}/duplicate`),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.workflows(workspace ?? '') }),
  });
}

export function getWorkflow(id: Id): Promise<Workflow> {
  return request<Workflow>('GET', `/api/workflows/${id}`);
}

/** Saves the draft on top of `base`; an ApiError `revision_conflict` carries the newer one in `current`. */
export function saveDraft(id: Id, base: number, graph: Graph, signal?: AbortSignal): Promise<DraftSaved> {
  return request('PUT', `/api/workflows/${id}/draft`, { json: { base_revision: base, graph }, signal });
}

export function compileGraph(workspace: Id, graph: Graph, signal?: AbortSignal): Promise<Compiled> {
  return request('POST', `/api/workspaces/${workspace}/compile`, { json: { graph }, signal });
}

/** What a graph asks for and gives back; `graph` and its number of edition name the answer. */
export function useCompiled(workflow: Workflow | undefined, graph: Graph | undefined, edition: string) {
  return useQuery({
    queryKey: keys.compiled(workflow?.id ?? '', edition),
    enabled: workflow !== undefined && graph !== undefined,
    queryFn: ({ signal }) => {
      if (!workflow || !graph) throw new Error('not enabled without a graph');
      return compileGraph(workflow.workspace, graph, signal);
    },
  });
}

// ---- versions ----
export function useVersions(workflow: Id) {
  return useQuery({
    queryKey: keys.versions(workflow),
    queryFn: async ({ signal }) =>
      (await request<Page<Version>>('GET', `/api/workflows/${workflow}/versions`, { signal })).results,
  });
}

/** A published version with its graph; nothing is asked while there is no number. */
export function useVersion(workflow: Id, number: number | null) {
  return useQuery({
    queryKey: [...keys.versions(workflow), number],
    enabled: number !== null,
    queryFn: ({ signal }) =>
      request<VersionWithGraph>('GET', `/api/workflows/${workflow}/versions/${number ?? 0}`, { signal }),
    staleTime: Infinity,
  });
}

export function usePublish(workflow: Id) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (note: string) =>
      request<Version>('POST', `/api/workflows/${workflow}/versions`, { json: { note } }),
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
    mutationFn: ({ version, ...json }: ShareAs) =>
      request<Template>('POST', `/api/workflows/${workflow}/versions/${version}/share`, { json }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.templates }),
  });
}

// ---- starting a run ----
export interface StartRun {
  readonly inputs: Readonly<Record<string, Json>>;
  readonly version?: number | null;
  /** One press of the button is one run, however often the request is repeated. */
  readonly key?: string;
}

export function startRun(workflow: Id, { inputs, version = null, key }: StartRun): Promise<Run> {
  return request('POST', `/api/workflows/${workflow}/runs`, {
    json: { inputs, version },
    headers: key ? { 'Idempotency-Key': key } : {},
  });
}
