// What a rule is about, and what it is called: hardly ever changed once it is there, so it is folded below its filters.
import { Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';

import type { PolicyRule } from '../../api/types';
import { useI18n } from '../../i18n';
import { mediaWord } from '../../shared/wording';
import classes from './Policy.module.css';
import { KINDS, SINKS, SOURCES } from './rules';
import { aboutLine, SINK_WORDS, SOURCE_WORDS } from './words';

interface PartProps {
  readonly rule: PolicyRule;
  /** Whether it was tried to keep the rule as it is: what is missing is told from then on. */
  readonly tried: boolean;
  readonly onChange: (part: Partial<PolicyRule>) => void;
}

interface FoldedProps {
  readonly title: string;
  /** What stands in it, for who does not open it. */
  readonly says: string;
  readonly begun: boolean;
  /** Something in it has to be mended: it cannot stay closed. */
  readonly faulty: boolean;
  readonly children: ReactNode;
}

function Folded({ title, says, begun, faulty, children }: FoldedProps) {
  const [open, setOpen] = useState(begun);
  return (
    <details
      className={classes.folded}
      open={open || faulty}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>
        <strong>{title}</strong> <span>{says}</span>
      </summary>
      <div className={classes.form}>{children}</div>
    </details>
  );
}

export function RuleScope({ rule, tried, onChange }: PartProps) {
  const i18n = useI18n();
  const { t } = i18n;
  const [isNew] = useState(rule.id === '');
  const missing = t('policy.choose_some');
  return (
    <Folded
      title={t('policy.form_about')}
      says={`${t('policy.goes_to', { sink: t(SINK_WORDS[rule.sink]) })} · ${aboutLine(i18n, rule)}`}
      begun={isNew}
      faulty={tried && (rule.media.length === 0 || rule.sources.length === 0)}
    >
      <NativeSelect
        label={t('policy.form_sink')}
        value={rule.sink}
        onChange={(event) =>
          onChange({ sink: SINKS.find((s) => s === event.currentTarget.value) ?? rule.sink })
        }
        data={SINKS.map((sink) => ({ value: sink, label: t(SINK_WORDS[sink]) }))}
      />
      <Checkbox.Group
        label={t('policy.form_media')}
        value={[...rule.media]}
        error={tried && rule.media.length === 0 ? missing : null}
        onChange={(chosen) => onChange({ media: KINDS.filter((kind) => chosen.includes(kind)) })}
      >
        <div className={classes.choices}>
          {KINDS.map((kind) => (
            <Checkbox key={kind} value={kind} label={mediaWord(i18n, kind)} />
          ))}
        </div>
      </Checkbox.Group>
      <Checkbox.Group
        label={t('policy.form_sources')}
        value={[...rule.sources]}
        error={tried && rule.sources.length === 0 ? missing : null}
        onChange={(chosen) => onChange({ sources: SOURCES.filter((source) => chosen.includes(source)) })}
      >
        <div className={classes.choices}>
          {SOURCES.map((source) => (
            <Checkbox key={source} value={source} label={t(SOURCE_WORDS[source])} />
          ))}
        </div>
      </Checkbox.Group>
    </Folded>
  );
}

export const isNamed = ({ title }: PolicyRule): boolean => (title.en + title.zh).trim() !== '';

export function RuleNames({ rule, tried, onChange }: PartProps) {
  const { t, words } = useI18n();
  const [isNew] = useState(rule.id === '');
  const nameless = tried && !isNamed(rule);
  const { title, reason } = rule;
  return (
    <Folded title={t('policy.form_names')} says={words(title)} begun={isNew} faulty={nameless}>
      <div className={classes.pair}>
        <TextInput
          label={t('policy.name_en')}
          value={title.en}
          maxLength={200}
          error={nameless ? t('policy.name_missing') : null}
          onChange={(event) => onChange({ title: { ...title, en: event.currentTarget.value } })}
        />
        <TextInput
          label={t('policy.name_zh')}
          value={title.zh}
          maxLength={200}
          onChange={(event) => onChange({ title: { ...title, zh: event.currentTarget.value } })}
        />
        <TextInput
          label={t('policy.reason_en')}
          value={reason.en}
          maxLength={500}
          onChange={(event) => onChange({ reason: { ...reason, en: event.currentTarget.value } })}
        />
        <TextInput
          label={t('policy.reason_zh')}
          value={reason.zh}
          maxLength={500}
          onChange={(event) => onChange({ reason: { ...reason, zh: event.currentTarget.value } })}
        />
      </div>
      <p className={classes.note}>{t('policy.name_other')}</p>
    </Folded>
  );
}
