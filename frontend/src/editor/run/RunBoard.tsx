// Inputs at the left, steps in time in the middle, results at the right; before any run, what a run is.
import { IconEye, IconPlayerPlay } from '@tabler/icons-react';

import { useI18n } from '../../i18n';
import { Timeline } from '../../shared/run/Timeline';
import { useLocked } from '../document/store';
import { InputsForm } from './InputsForm';
import { Results } from './Results';
import classes from './Run.module.css';
import { useRun } from './store';

export function RunBoard() {
  const { t } = useI18n();
  const locked = useLocked();
  const view = useRun((state) => state.view);
  if (locked && !view) return <OnlyToLook />;
  return (
    <div className={classes.board}>
      <InputsForm />
      {view ? (
        <>
          <div className={classes.column} data-testid="timeline">
            <Timeline view={view} />
          </div>
          <Results view={view} />
        </>
      ) : (
        <div className={classes.teach}>
          <IconPlayerPlay size={22} stroke={1.5} aria-hidden />
          <h3>{t('editor.no_run_title')}</h3>
          <p>{t('editor.no_run_text')}</p>
        </div>
      )}
    </div>
  );
}

/** For a viewer, who cannot start one. */
function OnlyToLook() {
  const { t } = useI18n();
  return (
    <div className={classes.board}>
      <div className={classes.teach} data-alone>
        <IconEye size={22} stroke={1.5} aria-hidden />
        <h3>{t('editor.read_only')}</h3>
        <p>{t('editor.read_only_text')}</p>
      </div>
    </div>
  );
}
