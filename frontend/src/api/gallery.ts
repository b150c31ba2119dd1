// Templates: the gallery, and making one's own copy.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { keys } from './queries';
import { request } from './request';
import type { Id, Page, Template, Workflow } from './types';

export function useTemplates() {
  return useQuery({
    queryKey: keys.templates,
    queryFn: async ({ signal }) =>
      (await request<Page<Template>>('GET', '/api/templates', { signal })).results,
  });
}

export function useUseTemplate(workspace: Id | undefined) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (template: Id) =>
      request<Workflow>('POST', `/api/templates/${template}/use`, { json: { workspace } }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.workflows(workspace ?? '') }),
  });
}
