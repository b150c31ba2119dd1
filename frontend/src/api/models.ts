// AI models: what the installation knows of them, installing one, stopping that.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, ask } from './client';
import { keys } from './queries';

export function useModels() {
  return useQuery({
    queryKey: keys.models,
    queryFn: async ({ signal }) => (await ask(api.GET('/api/models', { signal }))).results,
    refetchInterval: (query) =>
      query.state.data?.some((model) => model.state === 'installing') ? 1_000 : false,
  });
}

export function useInstallModel() {
  return useModelVerb((name) => ask(api.POST('/api/models/{name}/install', { params: { path: { name } } })));
}

export function useCancelInstall() {
  return useModelVerb((name) =>
    ask(api.POST('/api/models/{name}/install/cancel', { params: { path: { name } } })),
  );
}

function useModelVerb<T>(mutationFn: (name: string) => Promise<T>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn,
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.models });
      // A template says whether its models are there.
      await client.invalidateQueries({ queryKey: keys.templates });
    },
  });
}
