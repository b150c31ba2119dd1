// What the draft would do to every published workflow, told anew after each change of it.
import { Link } from 'react-router';

import { usePolicyPreview, type Whose } from '../../api/policies';
import type { PolicyDraft, PolicyEffect, PolicyPreview } from '../../api/types';
import { useI18n } from '../../i18n';
import { ErrorNotice } from '../../shared/ErrorNotice';
import { MoreButton } from '../../shared/MoreButton';
import { Card, Section } from '../../shared/Page';
import { Spinner } from '../../shared/Spinner';
import { COUNTS, countsOf } from './counts';
import classes from './Policy.module.css';

interface EffectsProps {
  readonly whose: Whose;
  readonly draft: PolicyDraft;
}

export function Effects({ whose, draft }: EffectsProps) {
  const { t } = useI18n();
  const list = usePolicyPreview(whose, draft.seen, true);
  return (
    <Section title={t('policy.effects')}>
      <Card>
        <div className={classes.effects} aria-live="polite" data-testid="effects">
          {list.error ? (
            <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
          ) : !list.data ? (
            <p className={classes.asking}>
              <Spinner size={16} />
              {t('policy.effects_asking')}
            </p>
          ) : (
            <Told pages={list.data.pages} />
          )}
          <MoreButton list={list} />
        </div>
      </Card>
    </Section>
  );
}

function Told({ pages }: { readonly pages: readonly PolicyPreview[] }) {
  const { t } = useI18n();
  const total = pages[0]?.total ?? 0;
  if (total === 0) return <p className={classes.note}>{t('policy.effects_none')}</p>;
  const counts = countsOf(pages);
  const looked = pages.reduce((sum, page) => sum + page.looked, 0);
  return (
    <>
      <ul className={classes.counts}>
        {COUNTS.filter((name) => counts[name] > 0).map((name) => (
          <li key={name} data-count={name}>
            {t(`policy.effect_${name}`, { count: counts[name] })}
          </li>
        ))}
      </ul>
      <ul className={classes.rows}>
        {pages
          .flatMap((page) => page.effects)
          .map((effect) => (
            <Row key={effect.workflow} effect={effect} />
          ))}
      </ul>
      {looked < total && (
        <p className={classes.note}>{t('policy.effects_looked', { looked, count: total })}</p>
      )}
    </>
  );
}

function Row({ effect }: { readonly effect: PolicyEffect }) {
  const { t, words } = useI18n();
  const gates = [
    effect.gains > 0 && t('policy.gates_more', { count: effect.gains }),
    effect.loses > 0 && t('policy.gates_fewer', { count: effect.loses }),
    effect.changes > 0 && t('policy.gates_other', { count: effect.changes }),
    effect.labels > 0 && t('policy.labels_other'),
    effect.previews && t('policy.previews_other'),
    effect.mends && t('policy.mends'),
    effect.broken && !effect.mends && t('policy.effect_broken', { count: 1 }),
  ].filter((line): line is string => typeof line === 'string');
  return (
    <li>
      <div className={classes.name}>
        <Link to={`/workflows/${effect.workflow}`}>{effect.name}</Link>
        <span className={classes.note}>{t('workflows.version_short', { number: effect.version })}</span>
        <span className={classes.note}>{gates.join(' · ')}</span>
      </div>
      {[...effect.stops, ...effect.withholds, ...effect.needs].map((issue, index) => (
        // Issues have no id of their own, and the list never changes its order.
        <p key={index} className={classes.problem}>
          {words(issue.message)} {issue.hint && words(issue.hint)}
        </p>
      ))}
    </li>
  );
}
