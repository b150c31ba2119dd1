// What the filters said of something that was tried: the verdict, each filter with its scores, what would go on.
import { IconCheck, IconEraser, IconHandStop, IconUserQuestion, type Icon } from '@tabler/icons-react';

import type { Tried, TriedFilter, Verdict } from '../../api/types';
import { useI18n, type PlainKey } from '../../i18n';
import { actionWord } from '../actionWord';
import type { Tone } from '../run/states';
import classes from './Trial.module.css';

const LOOKS: Record<Verdict, { readonly icon: Icon; readonly tone: Tone; readonly word: PlainKey }> = {
  allow: { icon: IconCheck, tone: 'ok', word: 'gates.verdict_allow' },
  redact: { icon: IconEraser, tone: 'accent', word: 'gates.verdict_redact' },
  hold: { icon: IconUserQuestion, tone: 'warn', word: 'gates.verdict_hold' },
  block: { icon: IconHandStop, tone: 'bad', word: 'gates.verdict_block' },
};

export function TrialResult({ tried }: { readonly tried: Tried }) {
  const { t, format } = useI18n();
  const { icon: Sign, tone, word } = LOOKS[tried.verdict];
  return (
    <div className={classes.result} data-testid="tried" data-verdict={tried.verdict}>
      <p className={classes.verdict} data-tone={tone}>
        <Sign size={17} stroke={1.5} aria-hidden />
        <strong>{t(word)}</strong>
        <span className="sw-figures">
          {t('gates.verdict_took', { time: format.duration(tried.seconds), version: String(tried.policy) })}
        </span>
      </p>
      {tried.filters.length === 0 && <p className={classes.caption}>{t('gates.no_filters')}</p>}
      <ul className={classes.filters}>
        {tried.filters.map((filter) => (
          <FilterRow key={`${filter.id} ${filter.action}`} filter={filter} />
        ))}
      </ul>
      {tried.verdict === 'redact' && tried.text !== null && (
        <section className={classes.goes}>
          <h3>{t('gates.would_be')}</h3>
          <p>{tried.text || t('gates.would_be_empty')}</p>
        </section>
      )}
      {tried.verdict === 'allow' && <p className={classes.caption}>{t('gates.not_a_proof')}</p>}
    </div>
  );
}

function FilterRow({ filter }: { readonly filter: TriedFilter }) {
  const i18n = useI18n();
  const { t, words, format } = i18n;
  return (
    <li data-testid={`tried-${filter.id}`}>
      <div className={classes.filter}>
        <strong>{words(filter.title)}</strong>
        <span>{filter.matches.length === 0 ? t('gates.row_nothing') : actionWord(i18n, filter.action)}</span>
      </div>
      {filter.matches.map((match) => (
        <div key={match.category} className={classes.match} data-met={match.met || undefined}>
          <span>{words(match.title)}</span>
          <Score score={match.score} threshold={filter.threshold} />
          <span className="sw-figures">
            {match.met
              ? t('gates.row_score', { score: format.percent(match.score) })
              : t('gates.row_below', { threshold: format.percent(filter.threshold) })}
          </span>
        </div>
      ))}
    </li>
  );
}

/** The score as a bar, and a line where the policy begins to act; the words beside it say the same. */
function Score({ score, threshold }: { readonly score: number; readonly threshold: number }) {
  return (
    <span className={classes.bar} aria-hidden>
      <i style={{ width: `${score * 100}%` }} />
      <b style={{ left: `${threshold * 100}%` }} />
    </span>
  );
}
