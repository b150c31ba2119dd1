// What came of a trial, or how long it has been asked for; before the first, what its user has to say.
import { Button } from '@mantine/core';
import { useState, type ReactNode } from 'react';

import { useI18n } from '../../i18n';
import { ErrorNotice } from '../ErrorNotice';
import { useNow } from '../Times';
import classes from './Trial.module.css';
import { TrialResult } from './TrialResult';
import type { Trial } from './useTrial';

interface TrialAnswerProps {
  readonly trial: Trial;
  readonly children?: ReactNode;
}

export function TrialAnswer({ trial, children }: TrialAnswerProps) {
  if (trial.pending) return <Pending onCancel={trial.cancel} />;
  if (trial.error) return <ErrorNotice error={trial.error} />;
  return trial.tried ? <TrialResult tried={trial.tried} /> : children;
}

/** Seconds after which it is said why it takes so long. */
const LONG = 3;

function Pending({ onCancel }: { readonly onCancel: () => void }) {
  const { t, format } = useI18n();
  const [began] = useState(Date.now);
  const seconds = Math.max(0, useNow(true) - began) / 1000;
  return (
    <div className={classes.pending}>
      <p>{t('gates.trying', { time: format.duration(Math.floor(seconds)) })}</p>
      {seconds > LONG && <p className={classes.caption}>{t('gates.trying_long')}</p>}
      <Button size="xs" variant="default" onClick={onCancel}>
        {t('common.cancel')}
      </Button>
    </div>
  );
}
