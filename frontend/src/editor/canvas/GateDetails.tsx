// Everything that there is to say about one gate.
import { IconLock } from '@tabler/icons-react';

import type { Gate } from '../../api/types';
import { useI18n } from '../../i18n';
import { GateMark } from '../../shared/Marks';
import { gateLook, gateState, stepLook } from '../../shared/run/states';
import { useRunFindings, useStep } from '../run/store';
import { secondsOf } from '../run/timing';
import classes from './GatePill.module.css';

export function GateDetails({ gate }: { readonly gate: Gate }) {
  const { t, words } = useI18n();
  const [first] = gate.rules;
  return (
    <div className={classes.details} data-testid="gate-details">
      <h2>
        <GateMark size={18} />
        {first ? words(first.title) : t('editor.gate')}
      </h2>
      <section>
        <h3>{t('editor.gate_why')}</h3>
        <ul>
          {gate.rules.map((rule) => (
            <li key={rule.id}>{words(rule.reason)}</li>
          ))}
        </ul>
      </section>
      <section>
        <h3>{t('editor.gate_checks')}</h3>
        <ul>
          {gate.filters.map((filter) => (
            <li key={filter.id} className={classes.filter}>
              <span>{words(filter.title)}</span>
              <span>{actionWord(filter.action)}</span>
            </li>
          ))}
        </ul>
      </section>
      <LastRun gate={gate} />
      <p className={classes.locked}>
        <IconLock size={14} stroke={1.5} aria-hidden />
        {t('editor.gate_locked')}
      </p>
    </div>
  );

  function actionWord(action: string): string {
    if (action === 'block') return t('editor.action_block');
    if (action === 'redact') return t('editor.action_redact');
    if (action === 'hold') return t('editor.action_hold');
    return action;
  }
}

function LastRun({ gate }: { readonly gate: Gate }) {
  const { t, words, format } = useI18n();
  const step = useStep(gate.id);
  const findings = useRunFindings().filter((finding) => finding.step === gate.id);
  if (!step) return null;
  const state = gateState(step, findings);
  const took = secondsOf(step);
  return (
    <section>
      <h3>{t('editor.gate_found')}</h3>
      <p>
        {t(state ? gateLook(state).word : stepLook(step.state).word)}
        {took !== null && ` · ${format.duration(took)}`}
      </p>
      <ul>
        {findings.map((finding, index) => (
          <li key={index}>{words(finding.message)}</li>
        ))}
      </ul>
    </section>
  );
}
