// What filters and categories are called: people never read their ids, except where a pack is gone.
import { useMemo } from 'react';
import { useFilters } from '../../api/safety';
import { useI18n } from '../../i18n';

export interface Names {
  readonly filter: (id: string) => string;
  readonly category: (filter: string, id: string) => string;
}

export function useNames(): Names {
  const { words } = useI18n();
  const { data } = useFilters();
  return useMemo(() => {
    const known = new Map((data ?? []).map((filter) => [filter.id, filter]));
    const titled = (filter: string, id: string) =>
      known.get(filter)?.categories.find((category) => category.id === id)?.title;
    return {
      filter: (id) => {
        const found = known.get(id);
        return found ? words(found.title) : id;
      },
      category: (filter, id) => {
        const title = titled(filter, id);
        return title ? words(title) : id;
      },
    };
  }, [data, words]);
}
