// The node types that this installation offers, and which port fits which.
import { useQuery } from '@tanstack/react-query';
import { api, ask } from './client';
import { keys } from './queries';

export function usePalette() {
  return useQuery({
    queryKey: keys.palette,
    queryFn: ({ signal }) => ask(api.GET('/api/node-types', { signal })),
    // It changes only when the server is restarted with other packs.
    staleTime: Infinity,
  });
}
