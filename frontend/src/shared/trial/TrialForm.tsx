// What to try, and the button that tries it. What is asked of the server beside the material is its user's business.
import { Button, SegmentedControl, Textarea } from '@mantine/core';
import { useState, type KeyboardEvent, type ReactNode, type Ref, type SyntheticEvent } from 'react';

import type { Id, WhatIf } from '../../api/types';
import { useI18n } from '../../i18n';
import { PictureField } from '../PictureField';
import { SoundField } from '../SoundField';
import { sentOf, type Kind, type Material } from './material';
import classes from './Trial.module.css';
import type { Trial } from './useTrial';

interface TrialFormProps {
  readonly workspace: Id;
  readonly trial: Trial;
  readonly material: Material;
  readonly onChange: (change: Partial<Material>) => void;
  /** What passes there; null where it may be any. */
  readonly kind: Kind | null;
  /** What is asked, given what is tried. */
  readonly body: (sent: Pick<WhatIf, 'text' | 'asset'>) => WhatIf;
  readonly field?: Ref<HTMLTextAreaElement>;
  /** Where it would go: stands first. */
  readonly children: ReactNode;
}

export function TrialForm({ trial, material, kind, body, children, ...rest }: TrialFormProps) {
  const { t } = useI18n();
  const [empty, setEmpty] = useState(false);
  const shown = kind ?? material.kind;
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    const sent = sentOf(material, shown);
    setEmpty(sent === null);
    if (sent !== null && !trial.pending) trial.start(body(sent));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.stopPropagation(); // else the same keys would run the workflow
    submit(event);
  };
  return (
    // Ctrl+Enter tries from any field, as it runs elsewhere; the button is the plain way.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <form className={classes.form} onSubmit={submit} onKeyDown={onKeyDown} noValidate data-testid="trial">
      {children}
      {kind === null && <Kinds value={material.kind} onChange={(value) => rest.onChange({ kind: value })} />}
      <Field {...rest} material={material} shown={shown} empty={empty} />
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

interface KindsProps {
  readonly value: Kind;
  readonly onChange: (value: Kind) => void;
}

function Kinds({ value, onChange }: KindsProps) {
  const { t } = useI18n();
  return (
    <SegmentedControl
      size="xs"
      fullWidth
      aria-label={t('gates.kind')}
      value={value}
      onChange={(chosen) => onChange(chosen === 'image' || chosen === 'audio' ? chosen : 'text')}
      data={[
        { value: 'text', label: t('gates.kind_text') },
        { value: 'image', label: t('gates.kind_picture') },
        { value: 'audio', label: t('gates.kind_sound') },
      ]}
    />
  );
}

/** What the server takes for one trial. */
const LONGEST = 20_000;

interface FieldProps extends Pick<TrialFormProps, 'workspace' | 'material' | 'onChange' | 'field'> {
  readonly shown: Kind;
  /** It was to be tried while there was nothing. */
  readonly empty: boolean;
}

function Field({ workspace, material, onChange, field, shown, empty }: FieldProps) {
  const { t } = useI18n();
  const missing = empty && sentOf(material, shown) === null;
  if (shown === 'text')
    return (
      <Textarea
        ref={field}
        aria-label={t('gates.text')}
        placeholder={t('gates.text_hint')}
        autosize
        minRows={2}
        maxRows={10}
        maxLength={LONGEST}
        value={material.text}
        error={missing ? t('gates.nothing_typed') : null}
        onChange={(event) => onChange({ text: event.currentTarget.value })}
      />
    );
  if (shown === 'audio')
    return (
      <>
        <SoundField
          workspace={workspace}
          label={t('gates.sound')}
          value={material.sound}
          onChange={(sound) => onChange({ sound })}
          error={missing ? t('gates.no_sound') : null}
        />
        <p className={classes.caption}>{t('gates.sound_kept')}</p>
      </>
    );
  return (
    <>
      <PictureField
        workspace={workspace}
        label={t('gates.picture')}
        value={material.asset}
        onChange={(asset) => onChange({ asset })}
        error={missing ? t('gates.no_picture') : null}
      />
      <p className={classes.caption}>{t('gates.picture_kept')}</p>
    </>
  );
}
