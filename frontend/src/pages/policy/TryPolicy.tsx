// "What if": a text or a picture before the filters of the draft, or of what is in force where there is no draft.
import { Button, NativeSelect, SegmentedControl, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState, type KeyboardEvent, type SyntheticEvent } from 'react';

import type { Whose } from '../../api/policies';
import { whatIf } from '../../api/safety';
import type { Id, WhatIf } from '../../api/types';
import { TrialResult } from '../../editor/whatIf/TrialResult';
import { useI18n } from '../../i18n';
import { ErrorNotice } from '../../shared/ErrorNotice';
import { Card, Section } from '../../shared/Page';
import { PictureField } from '../../shared/PictureField';
import { Spinner } from '../../shared/Spinner';
import classes from './Policy.module.css';

interface TryPolicyProps {
  readonly whose: Whose;
  readonly drafted: boolean;
}

/** What the server takes for one trial. */
const LONGEST = 20_000;

export function TryPolicy({ whose, drafted }: TryPolicyProps) {
  const { t } = useI18n();
  const trial = useTrial(whose, drafted);
  return (
    <Section title={t(drafted ? 'policy.try' : 'policy.try_in_force')}>
      <Card>
        <p className={classes.note}>{t('policy.try_text')}</p>
        <Form workspace={whose.workspace} trial={trial} />
        <div className={classes.answer} aria-live="polite">
          {trial.pending ? (
            <p className={classes.asking}>
              <Spinner size={16} />
              {t('gates.trying_long')}
              <Button size="compact-xs" variant="default" onClick={trial.cancel}>
                {t('common.cancel')}
              </Button>
            </p>
          ) : trial.error ? (
            <ErrorNotice error={trial.error} />
          ) : (
            trial.tried && <TrialResult tried={trial.tried} />
          )}
        </div>
      </Card>
    </Section>
  );
}

type Tried = Pick<WhatIf, 'text' | 'asset' | 'sink'>;
type Trial = ReturnType<typeof useTrial>;

/** One question at a time; a cancelled one is heard of no more. */
function useTrial({ workspace, workflow }: Whose, draft: boolean) {
  const running = useRef<AbortController | null>(null);
  const { mutate, reset, isPending, error, data } = useMutation({
    mutationFn: (what: Tried) => {
      running.current?.abort();
      running.current = new AbortController();
      const body = { ...what, draft, ...(workflow === null ? {} : { workflow }) };
      return whatIf(workspace, body, running.current.signal);
    },
    gcTime: 0, // what was tried is not kept here either
  });
  useEffect(() => () => running.current?.abort(), []);
  const cancel = (): void => {
    running.current?.abort();
    reset();
  };
  return { start: mutate, cancel, pending: isPending, error, tried: data };
}

function Form({ workspace, trial }: { readonly workspace: Id; readonly trial: Trial }) {
  const { t } = useI18n();
  const [kind, setKind] = useState<'text' | 'image'>('text');
  const [sink, setSink] = useState<'person' | 'model'>('person');
  const [text, setText] = useState('');
  const [asset, setAsset] = useState<Id | null>(null);
  const [empty, setEmpty] = useState(false);
  const ready = kind === 'text' ? text.trim() !== '' : asset !== null;

  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    setEmpty(!ready);
    if (!ready || trial.pending) return;
    trial.start(kind === 'text' ? { text, sink } : { asset: asset ?? '', sink });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit(event);
  };
  return (
    // Ctrl+Enter tries from any field; the button is the plain way.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <form
      className={classes.trying}
      onSubmit={submit}
      onKeyDown={onKeyDown}
      noValidate
      data-testid="try-policy"
    >
      <div className={classes.pair}>
        <NativeSelect
          label={t('policy.try_where')}
          value={sink}
          onChange={(event) => setSink(event.currentTarget.value === 'model' ? 'model' : 'person')}
          data={[
            { value: 'person', label: t('gates.any_person') },
            { value: 'model', label: t('gates.any_model') },
          ]}
        />
        <div className={classes.kind}>
          <SegmentedControl
            size="xs"
            aria-label={t('gates.kind')}
            value={kind}
            onChange={(value) => setKind(value === 'image' ? 'image' : 'text')}
            data={[
              { value: 'text', label: t('gates.kind_text') },
              { value: 'image', label: t('gates.kind_picture') },
            ]}
          />
        </div>
      </div>
      {kind === 'text' ? (
        <Textarea
          aria-label={t('gates.text')}
          placeholder={t('gates.text_hint')}
          autosize
          minRows={2}
          maxRows={10}
          maxLength={LONGEST}
          value={text}
          error={empty && text.trim() === '' ? t('gates.nothing_typed') : null}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      ) : (
        <>
          <PictureField
            workspace={workspace}
            label={t('gates.picture')}
            value={asset}
            onChange={setAsset}
            error={empty && asset === null ? t('gates.no_picture') : null}
          />
          <p className={classes.note}>{t('gates.picture_kept')}</p>
        </>
      )}
      <div className={classes.go}>
        <Button type="submit" size="xs" variant="light" disabled={trial.pending} data-testid="try">
          {t('gates.try')}
        </Button>
        {trial.tried && (
          <span className={classes.note}>{t('gates.left', { count: trial.tried.limit.left })}</span>
        )}
      </div>
    </form>
  );
}
