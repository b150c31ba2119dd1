// The reviewers' desk: what waits, the newest first, and what is over.
import { SegmentedControl } from '@mantine/core';
import { IconUserQuestion } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';

import { useReviews } from '../../api/reviews';
import type { Review, ReviewState } from '../../api/types';
import { TopBar } from '../../app/topbar';
import { useI18n, type PlainKey } from '../../i18n';
import { EmptyState } from '../../shared/EmptyState';
import { Failure } from '../../shared/Failure';
import { MoreButton } from '../../shared/MoreButton';
import { Page } from '../../shared/Page';
import { useNames, type Names } from '../../shared/run/useNames';
import table from '../../shared/table.module.css';
import { Waiting } from '../../shared/Waiting';
import classes from './Reviews.module.css';

export const OUTCOMES: Record<ReviewState, PlainKey> = {
  open: 'reviews.state_open',
  decided: 'reviews.state_decided',
  expired: 'reviews.state_expired',
  closed: 'reviews.state_closed',
};

type Shown = 'open' | 'over';

export function ReviewsPage() {
  const { t } = useI18n();
  const list = useReviews();
  const [shown, setShown] = useState<Shown>('open');
  if (list.error) return <Failure error={list.error} onRetry={() => void list.refetch()} />;
  const items = list.data?.pages.flatMap((page) => page.results);
  const listed = items?.filter(({ state }) => (state === 'open') === (shown === 'open'));
  return (
    <Page>
      <TopBar title={t('reviews.title')} />
      <SegmentedControl
        className={classes.tabs ?? ''}
        aria-label={t('reviews.title')}
        value={shown}
        onChange={(value) => setShown(value === 'over' ? 'over' : 'open')}
        data={[
          { value: 'open', label: t('reviews.tab_open') },
          { value: 'over', label: t('reviews.tab_over') },
        ]}
      />
      {!listed ? <Waiting /> : listed.length === 0 ? <Nothing shown={shown} /> : <Table items={listed} />}
      <MoreButton list={list} />
    </Page>
  );
}

function Nothing({ shown }: { readonly shown: Shown }) {
  const { t } = useI18n();
  return shown === 'open' ? (
    <EmptyState icon={IconUserQuestion} title={t('reviews.empty_title')} text={t('reviews.empty_text')} />
  ) : (
    <p className={classes.note}>{t('reviews.empty_over')}</p>
  );
}

function Table({ items }: { readonly items: readonly Review[] }) {
  const { t } = useI18n();
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th>{t('reviews.column_what')}</th>
          <th>{t('reviews.column_found')}</th>
          <th>{t('reviews.column_where')}</th>
          <th>{t('reviews.column_until')}</th>
        </tr>
      </thead>
      <tbody>
        {items.map((review) => (
          <Row key={review.id} review={review} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ review }: { readonly review: Review }) {
  const { t, format } = useI18n();
  const names = useNames();
  return (
    <tr data-testid={`review-${review.id}`}>
      <td>
        <Link to={`/reviews/${review.id}`} className={table.link}>
          {review.workflow_name || t('reviews.of_run', { id: review.run.slice(-4) })}
        </Link>
        <div className={classes.note}>
          {t(review.purpose === 'appeal' ? 'reviews.purpose_appeal' : 'reviews.purpose_hold')}
        </div>
      </td>
      <td>{format.list(categoriesOf(review, names))}</td>
      <td>{review.workspace.name}</td>
      <td>
        {review.state !== 'open' ? (
          t(OUTCOMES[review.state])
        ) : review.deadline ? (
          <Until at={review.deadline} />
        ) : (
          t('reviews.no_deadline')
        )}
      </td>
    </tr>
  );
}

export function categoriesOf(review: Review, names: Names): string[] {
  return [...new Set(review.findings.map(({ filter, category }) => names.category(filter, category)))];
}

/** A moment to come, in a day and an hour; how long until then on hover. */
function Until({ at }: { readonly at: string }) {
  const { format } = useI18n();
  return (
    <time dateTime={at} title={format.ago(at)}>
      {format.dateTime(at)}
    </time>
  );
}
