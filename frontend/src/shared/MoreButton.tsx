// The rest of a long list, page by page.
import { Button } from '@mantine/core';
import type { UseInfiniteQueryResult } from '@tanstack/react-query';
import { useI18n } from '../i18n';

type List = Pick<UseInfiniteQueryResult, 'hasNextPage' | 'isFetchingNextPage' | 'fetchNextPage'>;

export function MoreButton({ list }: { readonly list: List }) {
  const { t } = useI18n();
  if (!list.hasNextPage) return null;
  return (
    <Button
      variant="default"
      loading={list.isFetchingNextPage}
      onClick={() => void list.fetchNextPage()}
      style={{ alignSelf: 'center' }}
    >
      {t('common.load_more')}
    </Button>
  );
}
