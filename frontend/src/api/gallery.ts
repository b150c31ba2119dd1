// Templates: the gallery, and making one's own copy.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, ask } from './client';
import { keys } from './queries';
import type { Id } from './types';

export function useTemplates() {
  return useQuery({
    queryKey: keys.templates,
    queryFn: async ({ signal }) => (await ask(api.GET('/api/templates', { signal }))).results,
  });
}

export function useUseTemplate(workspace: Id | undefined) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (template: Id) =>
      ask(
        api.POST('/api/templates/{template}/use', {
          params: { path: { template } },
          body: { workspace: workspace ?? '' },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.workflows(workspace ?? '') }),
  });
}
