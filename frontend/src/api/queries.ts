// The one query client, and the keys under which answers are kept.
import { QueryClient } from '@tanstack/react-query';
import { ApiError } from './errors';

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        // A refusal stays a refusal; only what may pass by itself is tried again.
        retry: (count, error) => count < 2 && isTransient(error),
        refetchOnWindowFocus: true,
      },
      mutations: { retry: false },
    },
  });
}

function isTransient(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 502);
}

export const keys = {
  session: ['session'],
  palette: ['palette'],
  filters: ['filters'],
  workflows: (workspace: string) => ['workflows', workspace],
  workflow: (id: string) => ['workflow', id],
  callers: (workflow: string) => ['callers', workflow],
  policy: (workspace: string, workflow: string) => ['policy', workspace, workflow],
  versions: (workflow: string) => ['versions', workflow],
  compiled: (workflow: string, edition: string) => ['compiled', workflow, edition],
  runs: (workspace: string) => ['runs', workspace],
  workflowRuns: (workflow: string) => ['workflow-runs', workflow],
  run: (id: string) => ['run', id],
  questions: (run: string) => ['questions', run],
  appeals: (run: string) => ['appeals', run],
  asset: (id: string) => ['asset', id],
  reviews: ['reviews'],
  review: (id: string) => ['reviews', id],
  templates: ['templates'],
  models: ['models'],
} as const;
