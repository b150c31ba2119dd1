// The node types that this installation offers, and which port fits which.
import { useQuery } from '@tanstack/react-query';
import { keys } from './queries';
import { request } from './request';
import type { Palette } from './types';

export function usePalette() {
  return useQuery({
    queryKey: keys.palette,
    queryFn: ({ signal }) => request<Palette>('GET', '/api/node-types', { signal }),
    // It changes only when the server is restarted with other packs.
    staleTime: Infinity,
  });
}
