// What gates found, in sentences: what happened, why the gate looks at it, which filter said so; never the material.
import { IconEraser, IconHandStop, IconUserQuestion, type Icon } from '@tabler/icons-react';
import type { Finding, FindingAction, Run } from '../../api/types';
import { useI18n, type I18n } from '../../i18n';
import classes from './FindingList.module.css';
import type { Tone } from './states';
import { useNames, type Names } from './useNames';

const LOOKS: Record<FindingAction, { icon: Icon; tone: Tone }> = {
  redact: { icon: IconEraser, tone: 'accent' },
  block: { icon: IconHandStop, tone: 'bad' },
  hold: { icon: IconUserQuestion, tone: 'warn' },
};

interface FindingListProps {
  readonly run: Run;
  readonly findings: readonly Finding[];
}

export function FindingList({ run, findings }: FindingListProps) {
  const i18n = useI18n();
  const names = useNames();
  return (
    <ul className={classes.list}>
      {findings.map((finding, index) => {
        const { icon: Sign, tone } = LOOKS[finding.action];
        const gate = run.plan.gates.find((candidate) => candidate.id === finding.step);
        const rule = gate?.rules.find((candidate) => candidate.id === finding.rule);
        return (
          // Findings only ever grow at the end: the position is their identity.
          <li key={index} data-tone={tone}>
            <Sign size={16} stroke={1.5} aria-hidden />
            <div>
              <strong>{i18n.words(finding.message)}</strong>
              {rule && <p>{i18n.words(rule.reason)}</p>}
              <p className={classes.by}>{source(i18n, names, run, finding)}</p>
            </div>
          </li>
        );
      })}
    </ul>
  );
}

/** "Prompt attacks, 94% sure": the filter by its title, and how sure it was. */
function source({ t, words, format }: I18n, names: Names, run: Run, { filter, score }: Finding): string {
  const known = run.plan.gates.flatMap((gate) => gate.filters).find((candidate) => candidate.id === filter);
  const title = known ? words(known.title) : names.filter(filter);
  return score === null ? title : t('runs.finding_by', { filter: title, score: format.percent(score) });
}
