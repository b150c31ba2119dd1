// "What if": a text, a picture or a sound through the policy's filters, without running the workflow.
import { Button, NativeSelect, SegmentedControl, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState, type KeyboardEvent, type SyntheticEvent } from 'react';

import { whatIf } from '../../api/safety';
import type { Gate } from '../../api/types';
import { useI18n, type I18n } from '../../i18n';
import { ErrorNotice } from '../../shared/ErrorNotice';
import { PictureField } from '../../shared/PictureField';
import { SoundField } from '../../shared/SoundField';
import { useNow } from '../../shared/Times';
import { useGates } from '../canvas/GateLayer';
import { titleOf } from '../canvas/title';
import type { Graph } from '../document/graph';
import { findNode } from '../document/lookup';
import { useDocument, useLocked } from '../document/store';
import type { Catalog } from '../document/spec';
import { useEditor } from '../state/editor';
import { ANY_MODEL, ANY_PERSON, bodyOf, type Choice, choicesOf } from './choices';
import { setTrying, useTrying } from './store';
import { TrialResult } from './TrialResult';
import classes from './WhatIf.module.css';

export function WhatIfPanel() {
  const { t } = useI18n();
  const locked = useLocked();
  const trial = useTrial();
  if (locked) return <p className={classes.note}>{t('editor.read_only_text')}</p>;
  return (
    <div className={classes.panel} data-testid="what-if">
      <Form trial={trial} />
      <div className={classes.answer} aria-live="polite">
        {trial.pending ? (
          <Pending onCancel={trial.cancel} />
        ) : trial.error ? (
          <ErrorNotice error={trial.error} />
        ) : trial.tried ? (
          <TrialResult tried={trial.tried} />
        ) : (
          <div className={classes.teach}>
            <h3>{t('gates.what_if_title')}</h3>
            <p>{t('gates.what_if_text')}</p>
          </div>
        )}
      </div>
    </div>
  );
}

type Trial = ReturnType<typeof useTrial>;

/** One question at a time; a cancelled one is heard of no more. */
function useTrial() {
  const { workspace, workflow } = useEditor();
  const running = useRef<AbortController | null>(null);
  const { mutate, reset, isPending, error, data } = useMutation({
    mutationFn: (choice: Choice) => {
      const body = bodyOf(choice, useTrying.getState(), workflow);
      if (body === null) throw new Error('there is nothing to try');
      running.current?.abort();
      running.current = new AbortController();
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

function Form({ trial }: { readonly trial: Trial }) {
  const i18n = useI18n();
  const { t } = i18n;
  const { workspace, workflow, catalog } = useEditor();
  const graph = useDocument((state) => state.history.doc);
  const gates = useGates();
  const { which, kind, text, asset, sound, asked } = useTrying();
  const [empty, setEmpty] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const choices = choicesOf(gates);
  // A gate may be gone with its wire: then it is anything that a person will see.
  const choice = choices.find(({ value }) => value === which) ?? choices.find(isAnyPerson);
  const shown = choice?.kind ?? kind;
  useEffect(() => {
    if (asked > 0) field.current?.focus();
  }, [asked]);
  if (!choice) return null;

  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    const ready = bodyOf(choice, { kind, text, asset, sound }, workflow) !== null;
    setEmpty(!ready);
    if (ready && !trial.pending) trial.start(choice);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.stopPropagation(); // else the same keys would run the workflow
    submit(event);
  };
  return (
    // Ctrl+Enter tries from any field, as it runs elsewhere; the button is the plain way.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <form className={classes.form} onSubmit={submit} onKeyDown={onKeyDown} noValidate>
      <NativeSelect
        label={t('gates.which')}
        value={choice.value}
        onChange={(event) => setTrying({ which: event.currentTarget.value })}
        data={choices.map(({ value, gate }) => ({
          value,
          label: labelOf(i18n, value, gate, graph, catalog),
        }))}
      />
      {choice.kind === null && (
        <SegmentedControl
          size="xs"
          fullWidth
          aria-label={t('gates.kind')}
          value={kind}
          onChange={(value) => setTrying({ kind: value === 'image' || value === 'audio' ? value : 'text' })}
          data={[
            { value: 'text', label: t('gates.kind_text') },
            { value: 'image', label: t('gates.kind_picture') },
            { value: 'audio', label: t('gates.kind_sound') },
          ]}
        />
      )}
      {shown === 'text' ? (
        <Textarea
          ref={field}
          aria-label={t('gates.text')}
          placeholder={t('gates.text_hint')}
          autosize
          minRows={2}
          maxRows={10}
          maxLength={LONGEST}
          value={text}
          error={empty && text.trim() === '' ? t('gates.nothing_typed') : null}
          onChange={(event) => setTrying({ text: event.currentTarget.value })}
        />
      ) : shown === 'audio' ? (
        <>
          <SoundField
            workspace={workspace}
            label={t('gates.sound')}
            value={sound}
            onChange={(value) => setTrying({ sound: value })}
            error={empty && sound === null ? t('gates.no_sound') : null}
          />
          <p className={classes.caption}>{t('gates.sound_kept')}</p>
        </>
      ) : (
        <>
          <PictureField
            workspace={workspace}
            label={t('gates.picture')}
            value={asset}
            onChange={(value) => setTrying({ asset: value })}
            error={empty && asset === null ? t('gates.no_picture') : null}
          />
          <p className={classes.caption}>{t('gates.picture_kept')}</p>
        </>
      )}
      <div className={classes.go}>
        <Button type="submit" size="xs" variant="light" disabled={trial.pending} data-testid="try">
          {t('gates.try')}
        </Button>
        {trial.tried && (
          <span className={classes.caption}>{t('gates.left', { count: trial.tried.limit.left })}</span>
        )}
      </div>
    </form>
  );
}

/** What the server takes for one trial. */
const LONGEST = 20_000;
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

function isAnyPerson({ value }: Choice): boolean {
  return value === ANY_PERSON;
}

function labelOf(
  { t, words }: I18n,
  value: string,
  gate: Gate | null,
  graph: Graph,
  catalog: Catalog,
): string {
  if (value === ANY_PERSON) return t('gates.any_person');
  if (value === ANY_MODEL) return t('gates.any_model');
  const nameOf = (id: string | undefined): string => {
    const node = id === undefined ? undefined : findNode(graph, id);
    return node ? titleOf(node, catalog.specs.get(node.type), words) : '…';
  };
  const title = gate?.rules[0];
  return t('gates.gate_between', {
    name: title ? words(title.title) : t('editor.gate'),
    from: nameOf(gate?.sources[0]?.node),
    to: nameOf(gate?.targets[0]?.node),
  });
}
