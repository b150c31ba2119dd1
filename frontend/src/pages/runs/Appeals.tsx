// What was withheld from a run and is kept for an appeal: who started the run may ask a person to look at it.
import { Button, Textarea } from '@mantine/core';
import { IconUserQuestion } from '@tabler/icons-react';
import { useState, type SyntheticEvent } from 'react';

import { useAppeal, useAppeals } from '../../api/reviews';
import { isOver } from '../../api/runs';
import type { Appeal, Run } from '../../api/types';
import { useI18n, type I18n } from '../../i18n';
import { ErrorNotice } from '../../shared/ErrorNotice';
import { Card, Section } from '../../shared/Page';
import { ResultValue } from '../../shared/run/ResultValue';
import classes from './RunPage.module.css';

export function Appeals({ run }: { readonly run: Run }) {
  const { t } = useI18n();
  const { data: appeals } = useAppeals(run.id, isOver(run.state));
  // What can only be asked for by somebody else is no news for who looks on.
  const told = appeals?.filter(({ state }) => run.own || (state !== 'possible' && state !== 'gone')) ?? [];
  if (told.length === 0) return null;
  return (
    <Section title={t('reviews.appeals')}>
      <Card>
        <div className={classes.appeals}>
          {told.map((appeal) => (
            <One key={appeal.id} run={run} appeal={appeal} />
          ))}
        </div>
      </Card>
    </Section>
  );
}

function One({ run, appeal }: { readonly run: Run; readonly appeal: Appeal }) {
  const i18n = useI18n();
  const { format } = i18n;
  const titles = appeal.outputs.map((name) => {
    const title = run.plan.outputs.find((output) => output.name === name)?.title ?? '';
    return title === '' ? name : title;
  });
  return (
    <div className={classes.appeal} data-testid={`appeal-${appeal.state}`}>
      <h3>
        <IconUserQuestion size={16} stroke={1.5} aria-hidden />
        {format.list(titles)}
      </h3>
      <p>{sentence(i18n, appeal)}</p>
      {appeal.notes.map((note, index) => (
        // Notes come once, with the decision: the position is their identity.
        <p key={index} className={classes.note}>
          {note}
        </p>
      ))}
      {appeal.released !== null && <ResultValue title={format.list(titles)} value={appeal.released} />}
      {appeal.state === 'possible' && run.own && <Ask run={run} output={appeal.outputs[0] ?? ''} />}
    </div>
  );
}

function sentence({ t, format }: I18n, { state, deadline, keep_until: kept }: Appeal): string {
  switch (state) {
    case 'possible':
      return t('reviews.appeal_possible', { until: kept ? format.dateTime(kept) : '…' });
    case 'open':
      return deadline
        ? t('reviews.appeal_open_until', { until: format.dateTime(deadline) })
        : t('reviews.appeal_open');
    case 'allowed':
      return t('reviews.appeal_allowed');
    case 'redacted':
      return t('reviews.appeal_redacted');
    case 'refused':
      return t('reviews.appeal_refused');
    case 'expired':
      return t('reviews.appeal_expired');
    case 'gone':
      return t('reviews.appeal_gone');
  }
}

function Ask({ run, output }: { readonly run: Run; readonly output: string }) {
  const { t } = useI18n();
  const appeal = useAppeal(run.id);
  const [text, setText] = useState('');
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (text.trim() !== '') appeal.mutate({ output, text: text.trim() });
  };
  return (
    <form className={classes.appeal} onSubmit={submit}>
      <Textarea
        label={t('reviews.appeal_why')}
        autosize
        minRows={2}
        maxRows={8}
        maxLength={4_000}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <div>
        <Button
          type="submit"
          size="xs"
          variant="default"
          disabled={text.trim() === ''}
          loading={appeal.isPending}
        >
          {t('reviews.appeal_send')}
        </Button>
      </div>
      {appeal.error && <ErrorNotice error={appeal.error} />}
    </form>
  );
}
