// What there is to tell about one step: time, place, cost, error; for a gate, why it stands here.
import { findingsOf } from '../../api/runState';
import type { Run, RunStep } from '../../api/types';
import { useI18n } from '../../i18n';
import { FindingList } from './FindingList';
import classes from './StepDetails.module.css';
import { WaitNote } from './WaitNote';

interface StepDetailsProps {
  readonly run: Run;
  readonly step: RunStep;
  readonly seconds: string | null;
}

export function StepDetails({ run, step, seconds }: StepDetailsProps) {
  const { t, words, format } = useI18n();
  const gate = run.plan.gates.find((candidate) => candidate.id === step.id);
  const findings = findingsOf(run, step.id);
  const facts = [
    step.type,
    seconds,
    step.cost?.device ? t('runs.on_device', { device: step.cost.device }) : null,
    step.cost?.tokens ? t('runs.tokens', { count: step.cost.tokens }) : null,
    step.attempt > 1 ? t('runs.attempt', { count: step.attempt }) : null,
  ].filter((fact) => fact !== null);
  return (
    <div className={classes.details}>
      <p className={classes.facts}>{facts.join(' · ')}</p>
      {gate && (
        <dl>
          <dt>{t('runs.why_gate')}</dt>
          {gate.rules.map((rule) => (
            <dd key={rule.id}>
              <strong>{words(rule.title)}</strong> {words(rule.reason)}
            </dd>
          ))}
          <dt>{t('runs.what_gate')}</dt>
          <dd>{format.list(gate.filters.map((filter) => words(filter.title)))}</dd>
        </dl>
      )}
      {step.error && (
        <p>
          {words(step.error.message)} {step.error.hint && words(step.error.hint)}
        </p>
      )}
      {step.waits && (
        <p>
          <WaitNote waits={step.waits} />
        </p>
      )}
      {findings.length > 0 && <FindingList run={run} findings={findings} />}
    </div>
  );
}
