// What a run asks: the question, the value behind its gate, and two buttons or a field.
import { Button, Textarea } from '@mantine/core';
import { IconUserQuestion } from '@tabler/icons-react';
import { type SubmitEvent, useState } from 'react';
import { isSound } from '../../api/assets';
import { askingSteps, useAnswer, useQuestions } from '../../api/questions';
import type { Question, Run } from '../../api/types';
import { useI18n } from '../../i18n';
import { ErrorNotice } from '../ErrorNotice';
import { Notice } from '../Notice';
import { Picture } from '../Picture';
import { Sound } from '../Sound';
import classes from './Questions.module.css';
import { ResultValue } from './ResultValue';

const LONGEST = 4_000;

interface QuestionsProps {
  readonly run: Run;
  readonly mayAnswer: boolean;
}

export function Questions({ run, mayAnswer }: QuestionsProps) {
  const { t, words } = useI18n();
  const { data, error } = useQuestions(run, mayAnswer);
  const asking = askingSteps(run);
  if (asking.length === 0) return null;
  if (error) return <ErrorNotice error={error} />;
  if (mayAnswer)
    return data?.map((question) => (
      <QuestionCard key={`${question.step} ${question.attempt}`} run={run} question={question} />
    ));
  return asking.map(({ id, title }) => (
    <Notice
      key={id}
      tone="warn"
      icon={IconUserQuestion}
      title={
        <>
          {words(title)}: {t('runs.step_answer')}
        </>
      }
    >
      <p>{t('runs.asks_others')}</p>
    </Notice>
  ));
}

interface CardProps {
  readonly run: Run;
  readonly question: Question;
}

function QuestionCard({ run, question }: CardProps) {
  const { t, words, format } = useI18n();
  const answer = useAnswer(run.id);
  const send = (said: string): void =>
    answer.mutate({ step: question.step, attempt: question.attempt, answer: said });
  const approves = question.answers.length > 0;
  const asked = question.question || t(approves ? 'runs.asks_approval' : 'runs.asks_title');
  // What was sent is not asked twice; whether it was taken is seen by what comes next.
  const busy = answer.isPending || answer.isSuccess;
  return (
    <Notice
      tone="warn"
      icon={IconUserQuestion}
      title={
        <>
          {words(question.title)}: {t('runs.asks_title')}
        </>
      }
    >
      <p className={classes.question}>{asked}</p>
      <About question={question} />
      {approves ? (
        <div className={classes.buttons} role="group" aria-label={asked}>
          <Button size="xs" variant="default" disabled={busy} onClick={() => send('yes')}>
            {t('runs.asks_yes')}
          </Button>
          <Button size="xs" variant="default" disabled={busy} onClick={() => send('no')}>
            {t('runs.asks_no')}
          </Button>
        </div>
      ) : (
        <TextForm label={asked} busy={busy} onSend={send} />
      )}
      {question.until !== null && (
        <p className={classes.until}>{t('runs.asks_until', { moment: format.dateTime(question.until) })}</p>
      )}
      {answer.error && <ErrorNotice error={answer.error} />}
    </Notice>
  );
}

function About({ question: { title, type, value, files } }: { readonly question: Question }) {
  const { t, words } = useI18n();
  if (type === null) return null;
  return (
    <div className={classes.about}>
      {files.map((file, index) =>
        isSound(file) ? (
          <Sound key={file.url} src={file.url} label={t('runs.asks_sound', { number: index + 1 })} />
        ) : (
          <Picture
            key={file.url}
            src={file.url}
            alt={t('runs.asks_picture', { number: index + 1 })}
            width={file.width}
            height={file.height}
          />
        ),
      )}
      {files.length === 0 && <ResultValue title={words(title)} value={value} />}
    </div>
  );
}

interface FormProps {
  readonly label: string;
  readonly busy: boolean;
  readonly onSend: (said: string) => void;
}

function TextForm({ label, busy, onSend }: FormProps) {
  const { t } = useI18n();
  const [said, setSaid] = useState('');
  const empty = said.trim() === '';
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (!empty && !busy) onSend(said);
  };
  return (
    <form className={classes.form} aria-label={label} onSubmit={submit}>
      <Textarea
        label={t('runs.asks_text')}
        autosize
        minRows={2}
        maxRows={10}
        maxLength={LONGEST}
        value={said}
        disabled={busy}
        onChange={(event) => setSaid(event.currentTarget.value)}
      />
      <div className={classes.buttons}>
        <Button type="submit" size="xs" variant="default" disabled={empty || busy}>
          {t('runs.asks_send')}
        </Button>
      </div>
    </form>
  );
}
