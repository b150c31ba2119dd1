// What gates found, in sentences: the action, the category, the reason; never the material itself.
import { IconEraser, IconHandStop, IconUserQuestion, type Icon } from '@tabler/icons-react';
import type { Finding, FindingAction } from '../../api/types';
import { useI18n, type I18n } from '../../i18n';
import classes from './FindingList.module.css';
import type { Tone } from './states';

const LOOKS: Record<FindingAction, { icon: Icon; tone: Tone }> = {
  redact: { icon: IconEraser, tone: 'accent' },
  block: { icon: IconHandStop, tone: 'bad' },
  hold: { icon: IconUserQuestion, tone: 'warn' },
};

export function FindingList({ findings }: { readonly findings: readonly Finding[] }) {
  const i18n = useI18n();
  return (
    <ul className={classes.list}>
      {findings.map((finding, index) => {
        const { icon: Sign, tone } = LOOKS[finding.action];
        return (
          // Findings only ever grow at the end: the position is their identity.
          <li key={index} data-tone={tone}>
            <Sign size={16} stroke={1.5} aria-hidden />
            <div>
              <strong>{headline(i18n, finding)}</strong>
              <p>{i18n.words(finding.message)}</p>
              <p className={classes.by}>{source(i18n, finding)}</p>
            </div>
          </li>
        );
      })}
    </ul>
  );
}

function headline({ t }: I18n, { action, category }: Finding): string {
  return t(`runs.finding_${action}`, { category });
}

function source({ t, format }: I18n, { filter, score }: Finding): string {
  return score === null ? filter : t('runs.finding_by', { filter, score: format.percent(score) });
}
