// The decision about what a gate holds: let it through, take something out, or keep it back; with the reason.
import { Button, Textarea } from '@mantine/core';
import { IconCheck, IconEraser, IconHandStop } from '@tabler/icons-react';
import { useState } from 'react';

import { useGiveOpinion } from '../../api/reviews';
import type { Decision, Material, Review } from '../../api/types';
import { useI18n } from '../../i18n';
import { ErrorNotice } from '../../shared/ErrorNotice';
import { cutsOf } from './marks';
import classes from './Reviews.module.css';

interface DecideProps {
  readonly review: Review;
  /** What was looked at; nothing can be let through unseen. */
  readonly material: Material | undefined;
  readonly chosen: ReadonlySet<string>;
}

export function DecideForm({ review, material, chosen }: DecideProps) {
  const { t } = useI18n();
  const give = useGiveOpinion(review.id);
  const [note, setNote] = useState('');
  const [missing, setMissing] = useState(false);
  const cuts = material ? cutsOf(material, chosen) : null;

  const decide = (decision: Decision): void => {
    setMissing(note.trim() === '');
    if (note.trim() === '') return;
    give.mutate({ decision, note: note.trim(), ...(decision === 'redact' && cuts ? { cuts } : {}) });
  };
  return (
    <div className={classes.decide}>
      {!material && <p className={classes.note}>{t('reviews.look_first')}</p>}
      <Textarea
        label={t('reviews.note')}
        placeholder={t('reviews.note_hint')}
        autosize
        minRows={2}
        maxRows={8}
        maxLength={4_000}
        value={note}
        error={missing && note.trim() === '' ? t('reviews.note_missing') : null}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      <div className={classes.buttons}>
        <Button
          variant="default"
          leftSection={<IconCheck size={16} stroke={1.5} />}
          disabled={!material || give.isPending}
          onClick={() => decide('allow')}
        >
          {t('reviews.allow')}
        </Button>
        <Button
          variant="default"
          leftSection={<IconEraser size={16} stroke={1.5} />}
          disabled={cuts === null || give.isPending}
          onClick={() => decide('redact')}
        >
          {t('reviews.redact')}
        </Button>
        <Button
          variant="default"
          leftSection={<IconHandStop size={16} stroke={1.5} />}
          disabled={give.isPending}
          onClick={() => decide('block')}
        >
          {t('reviews.block')}
        </Button>
      </div>
      {give.error && <ErrorNotice error={give.error} />}
    </div>
  );
}
