// AI models: what the installation knows of them, installing one, stopping that.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { keys } from './queries';
import { request } from './request';
import type { Model, Page } from './types';

export function useModels() {
  return useQuery({
    queryKey: keys.models,
    queryFn: async ({ signal }) => (await request<Page<Model>>('GET', '/api/models', { signal })).results,
    refetchInterval: (query) =>
      query.state.data?.some((model) => model.state === 'installing') ? 1_000 : false,
  });
}

export function useInstallModel() {
  return useModelVerb('install');
}

export function useCancelInstall() {
  return useModelVerb('install/cancel');
}

function useModelVerb(verb: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => request('POST', `/api/models/${encodeURIComponent(name)}/${verb}`),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.models });
      // A template says whether its models are there.
      await client.invalidateQueries({ queryKey: keys.templates });
    },
  });
}
