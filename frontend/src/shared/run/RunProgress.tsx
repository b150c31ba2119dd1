// A moving run in one line: state, how far, what it is doing, and the way to stop it.
import { Button, Progress } from '@mantine/core';
import { IconPlayerStop } from '@tabler/icons-react';
import { isOver, useCancelRun } from '../../api/runs';
import { isBehind, type RunView } from '../../api/runState';
import type { StreamStatus } from '../../api/runStream';
import { useI18n } from '../../i18n';
import { ErrorNotice } from '../ErrorNotice';
import { Took } from '../Times';
import classes from './RunProgress.module.css';
import { StateBadge } from './StateBadge';

interface RunProgressProps {
  readonly view: RunView;
  readonly status: StreamStatus;
}

export function RunProgress({ view, status }: RunProgressProps) {
  const { t } = useI18n();
  const cancel = useCancelRun();
  const { run } = view;
  const moving = !isOver(run.state);
  return (
    <div className={classes.progress}>
      <div className={classes.line}>
        <StateBadge state={run.state} />
        <span className={`${classes.words ?? ''} sw-figures`}>{useProgressWords(view)}</span>
        <span className={classes.time}>
          <Took started={run.started} finished={run.finished} moving={moving} />
        </span>
        {moving && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlayerStop size={15} stroke={1.5} />}
            loading={cancel.isPending}
            onClick={() => cancel.mutate(run.id)}
          >
            {t('runs.stop')}
          </Button>
        )}
      </div>
      {moving && <Progress value={shareDone(view) * 100} size={3} aria-label={t('runs.state_running')} />}
      {moving && status === 'retrying' && <p className={classes.note}>{t('runs.reconnecting')}</p>}
      {moving && status === 'refused' && <p className={classes.note}>{t('runs.refused')}</p>}
      {cancel.error && <ErrorNotice error={cancel.error} />}
    </div>
  );
}

function useProgressWords({ run, position, beyond, progress }: RunView): string {
  const { t, words } = useI18n();
  if (run.state === 'queued')
    return position === null ? '' : t(beyond ? 'runs.far_in_queue' : 'runs.place_in_queue', { position });
  const done = run.steps.filter(isBehind).length;
  const steps = t('runs.steps_done', { done, count: run.steps.length });
  const current = run.steps.find((step) => step.state === 'running');
  // Claimed, and no step has begun: the worker finishes loading what it has in hand.
  if (!current)
    return run.state === 'running' && done === 0 ? `${steps} · ${t('runs.getting_ready')}` : steps;
  const share = progress[current.id];
  const figure = share?.total ? ` ${t('runs.progress', { done: share.done, total: share.total })}` : '';
  const note = share?.note ? ` · ${words(share.note)}` : '';
  return `${steps} · ${words(current.title)}${figure}${note}`;
}

/** Steps that are behind the run count whole, a running one by its own progress. */
export function shareDone({ run, progress }: RunView): number {
  if (run.steps.length === 0) return 0;
  const parts = run.steps.map((step) => {
    if (isBehind(step)) return 1;
    const share = progress[step.id];
    return step.state === 'running' && share?.total ? Math.min(share.done / share.total, 1) : 0;
  });
  return parts.reduce<number>((sum, part) => sum + part, 0) / run.steps.length;
}
