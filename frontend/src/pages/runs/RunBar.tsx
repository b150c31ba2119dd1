// The top bar of a run: whose it is, and the ways on.
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconRefresh, IconSitemap } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { Link, useNavigate } from 'react-router';
import { asApiError } from '../../api/errors';
import { freshKey } from '../../api/ids';
import { isOver, startRun } from '../../api/runs';
import { mayWrite, type Id, type Run } from '../../api/types';
import { useRememberRun } from '../../api/useRunView';
import { TopBar } from '../../app/topbar';
import { useWorkspace } from '../../app/workspace';
import { useI18n } from '../../i18n';
import classes from './RunPage.module.css';

export function RunBar({ run }: { readonly run: Run }) {
  const { t } = useI18n();
  const name = t('runs.run_short', { id: shortId(run.id) });
  return (
    <TopBar
      title={`${run.workflow_name} · ${name}`}
      left={
        <>
          <h1>{run.workflow_name}</h1>
          <span className={classes.id}>{run.to === null ? name : `${name} · ${t('runs.partial')}`}</span>
        </>
      }
      right={run.workflow !== null && <Ways run={run} workflow={run.workflow} />}
    />
  );
}

interface WaysProps {
  readonly run: Run;
  /** A run outlives its workflow; then there is nowhere to go on. */
  readonly workflow: Id;
}

function Ways({ run, workflow }: WaysProps) {
  const { t } = useI18n();
  return (
    <>
      <Button
        component={Link}
        to={`/workflows/${workflow}`}
        variant="default"
        leftSection={<IconSitemap size={16} stroke={1.5} />}
        className={classes.folding ?? ''}
        aria-label={t('runs.open_workflow')}
      >
        <span className={classes.word}>{t('runs.open_workflow')}</span>
      </Button>
      {isOver(run.state) && <AgainButton run={run} workflow={workflow} />}
    </>
  );
}

function AgainButton({ run, workflow }: WaysProps) {
  const { t } = useI18n();
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const remember = useRememberRun();
  const again = useMutation({
    mutationFn: () => startRun(workflow, { inputs: run.inputs, to: run.to, key: freshKey() }),
    onSuccess: (next) => {
      remember(next);
      void navigate(`/runs/${next.id}`);
    },
    onError: (error) => notifications.show({ color: 'bad', message: asApiError(error).message }),
  });
  if (workspace && !mayWrite(workspace.role)) return null;
  // What somebody else gave is not shown, so it cannot be sent again: the form asks for it.
  if (!run.own && run.plan.inputs.length > 0) {
    return (
      <Button
        component={Link}
        to={`/workflows/${workflow}/app`}
        leftSection={<IconRefresh size={16} stroke={1.5} />}
      >
        {t('runs.again')}
      </Button>
    );
  }
  return (
    <Button
      leftSection={<IconRefresh size={16} stroke={1.5} />}
      loading={again.isPending}
      onClick={() => again.mutate()}
    >
      {t('runs.again')}
    </Button>
  );
}

/** The tail of a UUIDv7 is chance; its head is only the time, the same for neighbours. */
export function shortId(id: string): string {
  return id.replaceAll('-', '').slice(-4);
}
