// The workflows of the workspace: make, open, rename, copy, delete.
import { Button } from '@mantine/core';
import { IconPlus, IconSearchOff, IconSitemap } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { mayWrite, type WorkflowItem } from '../../api/types';
import { useCreateWorkflow, useWorkflows } from '../../api/workflows';
import { TopBar } from '../../app/topbar';
import { useWorkspace } from '../../app/workspace';
import { useI18n } from '../../i18n';
import { EmptyState } from '../../shared/EmptyState';
import { ErrorNotice } from '../../shared/ErrorNotice';
import { Failure } from '../../shared/Failure';
import { MoreButton } from '../../shared/MoreButton';
import { Page } from '../../shared/Page';
import { matches, SearchField } from '../../shared/SearchField';
import { Waiting } from '../../shared/Waiting';
import { WorkflowTable } from './WorkflowTable';

export function WorkflowsPage() {
  const { t } = useI18n();
  const workspace = useWorkspace();
  const list = useWorkflows(workspace?.id);
  const create = useCreateWorkflow(workspace?.id);
  const navigate = useNavigate();
  const mayEdit = workspace !== undefined && mayWrite(workspace.role);
  if (list.error) return <Failure error={list.error} onRetry={() => void list.refetch()} />;
  const items = list.data?.pages.flatMap((page) => page.results);
  const start = () =>
    create.mutate(
      { name: t('workflows.new_name') },
      { onSuccess: (workflow) => void navigate(`/workflows/${workflow.id}`) },
    );
  return (
    <Page>
      <TopBar
        title={t('workflows.title')}
        right={
          mayEdit && (
            <Button
              leftSection={<IconPlus size={16} stroke={1.5} />}
              loading={create.isPending}
              onClick={start}
            >
              {t('workflows.new')}
            </Button>
          )
        }
      />
      {create.error && <ErrorNotice error={create.error} />}
      {!items ? (
        <Waiting />
      ) : items.length === 0 ? (
        <NoWorkflows />
      ) : (
        <Listing items={items} mayEdit={mayEdit} />
      )}
      <MoreButton list={list} />
    </Page>
  );
}

function NoWorkflows() {
  const { t } = useI18n();
  return (
    <EmptyState
      icon={IconSitemap}
      title={t('workflows.empty_title')}
      text={t('workflows.empty_text')}
      action={
        <Button component={Link} to="/">
          {t('workflows.empty_action')}
        </Button>
      }
    />
  );
}

function Listing({ items, mayEdit }: { readonly items: readonly WorkflowItem[]; readonly mayEdit: boolean }) {
  const { t } = useI18n();
  const [query, setQuery] = useState('');
  const shown = items.filter((item) => matches(query, item.name));
  return (
    <>
      <SearchField label={t('workflows.search')} value={query} onChange={setQuery} />
      {shown.length === 0 ? (
        <EmptyState
          icon={IconSearchOff}
          title={t('workflows.none_found', { query })}
          action={
            <Button variant="default" onClick={() => setQuery('')}>
              {t('workflows.show_all')}
            </Button>
          }
        />
      ) : (
        <WorkflowTable items={shown} mayEdit={mayEdit} />
      )}
    </>
  );
}
