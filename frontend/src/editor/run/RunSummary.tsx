// The head line of the shown run: which, in what state, how far, how long.
import { ActionIcon, Tooltip } from '@mantine/core';
import { IconExternalLink, IconPlayerStop, IconX } from '@tabler/icons-react';
import { Link } from 'react-router';

import { isOver } from '../../api/runs';
import { isBehind } from '../../api/runState';
import type { Run } from '../../api/types';
import { useI18n } from '../../i18n';
import { StateBadge } from '../../shared/run/StateBadge';
import { Took } from '../../shared/Times';
import { useLocked } from '../document/store';
import { useEditor } from '../state/editor';
import classes from './Run.module.css';
import { forgetRun, stopRun } from './start';
import { useRun } from './store';

export function RunSummary() {
  const { t } = useI18n();
  const view = useRun((state) => state.view);
  const status = useRun((state) => state.status);
  const locked = useLocked();
  const workflow = useEditor((state) => state.workflow);
  if (!view) return <span className={classes.summary} />;
  const { run, position, beyond } = view;
  const over = isOver(run.state);
  const done = run.steps.filter(isBehind).length;
  return (
    <span className={classes.summary} data-testid="run-summary" data-state={run.state}>
      <strong>{t('runs.run_short', { id: shortId(run.id) })}</strong>
      <StateBadge state={run.state} />
      <span>
        {position !== null && run.state === 'queued'
          ? t(beyond ? 'runs.far_in_queue' : 'runs.place_in_queue', { position })
          : t('runs.steps_done', { done, count: run.steps.length })}
      </span>
      {!over && (status === 'retrying' || status === 'connecting') && <span>{t('runs.reconnecting')}</span>}
      <span className={classes.end}>
        <span className="sw-figures">
          <Took started={run.started} finished={run.finished} moving={!over} />
          {devices(run) && ` · ${devices(run)}`}
        </span>
        {over ? (
          <>
            <Tooltip label={t('editor.open_run')}>
              <ActionIcon component={Link} to={`/runs/${run.id}`} aria-label={t('editor.open_run')}>
                <IconExternalLink size={17} stroke={1.5} />
              </ActionIcon>
            </Tooltip>
            <Tooltip label={t('editor.hide_run')}>
              <ActionIcon aria-label={t('editor.hide_run')} onClick={() => forgetRun(workflow)}>
                <IconX size={17} stroke={1.5} />
              </ActionIcon>
            </Tooltip>
          </>
        ) : locked ? null : (
          <Tooltip label={t('runs.stop')}>
            <ActionIcon
              aria-label={t('runs.stop')}
              onClick={() => void stopRun()}
              data-testid="stop-in-drawer"
            >
              <IconPlayerStop size={17} stroke={1.5} />
            </ActionIcon>
          </Tooltip>
        )}
      </span>
    </span>
  );
}

/** The last four: the first of a UUIDv7 are the clock, and alike all day. */
function shortId(id: string): string {
  return id.slice(-4);
}

function devices(run: Run): string {
  return [...new Set(run.steps.map((step) => step.cost?.device).filter(Boolean))].join(', ').toUpperCase();
}
