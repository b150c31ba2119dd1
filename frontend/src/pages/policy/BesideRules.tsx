// What a policy says beside its rules: pictures before their gate, and labels on what a model had a part in.
import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';

import type { PolicyRules, PolicyState } from '../../api/types';
import { useI18n, type PlainKey } from '../../i18n';
import { Card, Section } from '../../shared/Page';
import classes from './Policy.module.css';
import type { DraftEditing } from './useDraft';

type Labelling = PolicyRules['labelling'];

const PROFILES: Record<Labelling['profile'], PlainKey> = {
  none: 'policy.labels_none',
  cn: 'policy.labels_cn',
  eu: 'policy.labels_eu',
};

interface BesideProps {
  readonly state: PolicyState;
  readonly draft: DraftEditing;
}

export function BesideRules({ state, draft }: BesideProps) {
  const { t } = useI18n();
  const { policy, busy } = draft;
  const fixed = !state.may_change || busy;
  const { labelling } = policy;
  const label = (change: Partial<Labelling>): void =>
    draft.edit({ ...policy, labelling: { ...labelling, ...change } });
  return (
    <Section title={t('policy.beside')}>
      <Card>
        <div className={classes.pair}>
          <NativeSelect
            label={t('policy.previews')}
            disabled={fixed}
            value={policy.previews}
            onChange={(event) =>
              draft.edit({
                ...policy,
                previews: event.currentTarget.value === 'blurred' ? 'blurred' : 'none',
              })
            }
            data={[
              { value: 'none', label: t('policy.previews_none') },
              { value: 'blurred', label: t('policy.previews_blurred') },
            ]}
          />
          <Labels
            key={`${labelling.profile} ${labelling.producer}`}
            labelling={labelling}
            fixed={fixed}
            onChange={label}
          />
        </div>
      </Card>
    </Section>
  );
}

interface LabelsProps {
  readonly labelling: Labelling;
  readonly fixed: boolean;
  readonly onChange: (change: Partial<Labelling>) => void;
}

function Labels({ labelling, fixed, onChange }: LabelsProps) {
  const { t } = useI18n();
  // The Chinese profile is none before somebody is named: until then it is only chosen here.
  const [chosen, setChosen] = useState(labelling.profile);
  const [producer, setProducer] = useState(labelling.producer);
  const choose = (profile: Labelling['profile']): void => {
    setChosen(profile);
    if (profile === 'cn' && producer.trim() === '') return;
    onChange({ profile, producer: producer.trim(), ...(profile === 'cn' ? { language: 'zh' } : {}) });
  };
  return (
    <>
      <NativeSelect
        label={t('policy.labels')}
        disabled={fixed}
        value={chosen}
        onChange={(event) => {
          const { value } = event.currentTarget;
          choose(value === 'cn' || value === 'eu' ? value : 'none');
        }}
        data={Object.entries(PROFILES).map(([value, word]) => ({ value, label: t(word) }))}
      />
      {chosen === 'eu' && (
        <NativeSelect
          label={t('policy.labels_language')}
          disabled={fixed}
          value={labelling.language}
          onChange={(event) => onChange({ language: event.currentTarget.value === 'zh' ? 'zh' : 'en' })}
          data={[
            { value: 'en', label: t('policy.english') },
            { value: 'zh', label: t('policy.chinese') },
          ]}
        />
      )}
      {chosen !== 'none' && (
        <TextInput
          label={t('policy.labels_producer')}
          description={chosen === 'cn' ? t('policy.labels_producer_help') : null}
          disabled={fixed}
          value={producer}
          maxLength={200}
          onChange={(event) => setProducer(event.currentTarget.value)}
          onBlur={() => producer.trim() !== labelling.producer && choose(chosen)}
        />
      )}
    </>
  );
}
