// A workflow as an app: a form, a button, the results. For people who want the answer, not the drawing.
import { Button } from '@mantine/core';
import { IconAlertTriangle, IconEdit } from '@tabler/icons-react';
import { Link, useParams } from 'react-router';
import type { Compiled, Workflow } from '../../api/types';
import { useCompiled, useVersion, useWorkflow } from '../../api/workflows';
import { TopBar } from '../../app/topbar';
import { useI18n } from '../../i18n';
import { Failure } from '../../shared/Failure';
import { Notice } from '../../shared/Notice';
import { Page } from '../../shared/Page';
import { Waiting } from '../../shared/Waiting';
import { RunForm } from './RunForm';
import classes from './WorkflowAppPage.module.css';

export function WorkflowAppPage() {
  const { id = '' } = useParams();
  const workflow = useWorkflow(id);
  // People who use the app get what was published; until then, the draft.
  const number = workflow.data?.published ?? null;
  const version = useVersion(id, number);
  const graph = number === null ? workflow.data?.graph : version.data?.graph;
  const edition = number === null ? `r${workflow.data?.revision ?? 0}` : `v${number}`;
  const compiled = useCompiled(workflow.data, graph, edition);
  const failed = [workflow, version, compiled].find((query) => query.error);
  if (failed) return <Failure error={failed.error} onRetry={() => void failed.refetch()} />;
  if (!workflow.data || !compiled.data) return <Waiting />;
  return <AppOf workflow={workflow.data} compiled={compiled.data} version={number} edition={edition} />;
}

interface AppOfProps {
  readonly workflow: Workflow;
  readonly compiled: Compiled;
  readonly version: number | null;
  readonly edition: string;
}

function AppOf({ workflow, compiled, version, edition }: AppOfProps) {
  const { t } = useI18n();
  return (
    <Page width="wide">
      <TopBar
        title={workflow.name}
        left={
          <>
            <h1>{workflow.name}</h1>
            <span className={classes.edition}>
              {version === null
                ? t('workflows.app_edition_draft')
                : t('workflows.app_edition', { number: version })}
            </span>
          </>
        }
        right={
          <Button
            component={Link}
            to={`/workflows/${workflow.id}`}
            variant="default"
            leftSection={<IconEdit size={16} stroke={1.5} />}
          >
            {t('workflows.edit')}
          </Button>
        }
      />
      {workflow.description && <p className={classes.description}>{workflow.description}</p>}
      {compiled.plan ? (
        <RunForm key={edition} workflow={workflow} plan={compiled.plan} version={version} />
      ) : (
        <NotReady workflow={workflow} compiled={compiled} />
      )}
    </Page>
  );
}

function NotReady({ workflow, compiled }: Pick<AppOfProps, 'workflow' | 'compiled'>) {
  const { t, words } = useI18n();
  return (
    <Notice
      tone="warn"
      icon={IconAlertTriangle}
      title={t('workflows.app_not_ready_title')}
      actions={
        <Button component={Link} to={`/workflows/${workflow.id}`} size="xs">
          {t('workflows.app_not_ready_action')}
        </Button>
      }
    >
      <ul>
        {compiled.issues
          .filter((issue) => issue.severity === 'error')
          .map((issue, index) => (
            // Issues have no id of their own, and the list never changes its order.
            <li key={index}>{words(issue.message)}</li>
          ))}
      </ul>
    </Notice>
  );
}
