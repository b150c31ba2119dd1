// "What if": something before the filters of the draft, or of what is in force where there is no draft.
import { NativeSelect } from '@mantine/core';
import { useState } from 'react';

import type { Whose } from '../../api/policies';
import { useI18n } from '../../i18n';
import { Card, Section } from '../../shared/Page';
import { NOTHING } from '../../shared/trial/material';
import { TrialAnswer } from '../../shared/trial/TrialAnswer';
import { TrialForm } from '../../shared/trial/TrialForm';
import { useTrial } from '../../shared/trial/useTrial';
import classes from './Policy.module.css';

interface TryPolicyProps {
  readonly whose: Whose;
  readonly drafted: boolean;
}

export function TryPolicy({ whose: { workspace, workflow }, drafted }: TryPolicyProps) {
  const { t } = useI18n();
  const trial = useTrial(workspace);
  const [sink, setSink] = useState<'person' | 'model'>('person');
  const [material, setMaterial] = useState(NOTHING);
  const whose = workflow === null ? {} : { workflow };
  return (
    <Section title={t(drafted ? 'policy.try' : 'policy.try_in_force')}>
      <Card>
        <p className={classes.note}>{t('policy.try_text')}</p>
        <div className={classes.trying} data-testid="try-policy">
          <TrialForm
            workspace={workspace}
            trial={trial}
            material={material}
            onChange={(change) => setMaterial((before) => ({ ...before, ...change }))}
            kind={null}
            body={(sent) => ({ ...sent, sink, draft: drafted, ...whose })}
          >
            <NativeSelect
              label={t('policy.try_where')}
              value={sink}
              onChange={(event) => setSink(event.currentTarget.value === 'model' ? 'model' : 'person')}
              data={[
                { value: 'person', label: t('gates.any_person') },
                { value: 'model', label: t('gates.any_model') },
              ]}
            />
          </TrialForm>
        </div>
        <div className={classes.answer} aria-live="polite">
          <TrialAnswer trial={trial} />
        </div>
      </Card>
    </Section>
  );
}
