// Every run of the workspace, the newest first.
import { Button } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { Link } from 'react-router';
import { isOver, useRuns } from '../../api/runs';
import type { RunItem } from '../../api/types';
import { TopBar } from '../../app/topbar';
import { useWorkspace } from '../../app/workspace';
import { useI18n } from '../../i18n';
import { EmptyState } from '../../shared/EmptyState';
import { Failure } from '../../shared/Failure';
import { MoreButton } from '../../shared/MoreButton';
import { Page } from '../../shared/Page';
import { StateBadge } from '../../shared/run/StateBadge';
import table from '../../shared/table.module.css';
import { Ago, Took } from '../../shared/Times';
import { Waiting } from '../../shared/Waiting';

export function RunsPage() {
  const { t } = useI18n();
  const workspace = useWorkspace();
  const list = useRuns(workspace?.id);
  if (list.error) return <Failure error={list.error} onRetry={() => void list.refetch()} />;
  const items = list.data?.pages.flatMap((page) => page.results);
  return (
    <Page>
      <TopBar title={t('runs.title')} />
      {!items ? <Waiting /> : items.length === 0 ? <NoRuns /> : <RunTable items={items} />}
      <MoreButton list={list} />
    </Page>
  );
}

function NoRuns() {
  const { t } = useI18n();
  return (
    <EmptyState
      icon={IconHistory}
      title={t('runs.empty_title')}
      text={t('runs.empty_text')}
      action={
        <Button component={Link} to="/workflows">
          {t('runs.empty_action')}
        </Button>
      }
    />
  );
}

function RunTable({ items }: { readonly items: readonly RunItem[] }) {
  const { t } = useI18n();
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th>{t('runs.column_workflow')}</th>
          <th>{t('runs.column_state')}</th>
          <th>{t('runs.column_started')}</th>
          <th className={table.figure}>{t('runs.column_took')}</th>
        </tr>
      </thead>
      <tbody>
        {items.map((run) => (
          <tr key={run.id}>
            <td className={table.main}>
              <Link to={`/runs/${run.id}`} className={table.link}>
                {run.workflow_name}
              </Link>
            </td>
            <td>
              <StateBadge state={run.state} />
            </td>
            <td>
              <Ago at={run.created} />
            </td>
            <td className={table.figure}>
              <Took started={run.started} finished={run.finished} moving={!isOver(run.state)} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
