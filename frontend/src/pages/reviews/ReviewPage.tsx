// One review: what the gate found, the material behind a click that is written down, and the decision.
import { Button } from '@mantine/core';
import { IconEye, IconUserQuestion } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useParams } from 'react-router';

import { useLook, useReview } from '../../api/reviews';
import type { Decision, Material, Review } from '../../api/types';
import { TopBar } from '../../app/topbar';
import { useI18n, type PlainKey } from '../../i18n';
import { ErrorNotice } from '../../shared/ErrorNotice';
import { Failure } from '../../shared/Failure';
import { Notice } from '../../shared/Notice';
import { Card, Page, Section } from '../../shared/Page';
import { useNames } from '../../shared/run/useNames';
import { Waiting } from '../../shared/Waiting';
import { DecideForm } from './DecideForm';
import { allMarks } from './marks';
import { MaterialView } from './MaterialView';
import { OUTCOMES } from './ReviewsPage';
import classes from './Reviews.module.css';

export const DECISIONS: Record<Decision, PlainKey> = {
  allow: 'reviews.decision_allow',
  redact: 'reviews.decision_redact',
  block: 'reviews.decision_block',
};

export function ReviewPage() {
  const { id = '' } = useParams();
  const { t } = useI18n();
  const { data: review, error, refetch } = useReview(id);
  if (error) return <Failure error={error} onRetry={() => void refetch()} />;
  if (!review) return <Waiting />;
  return (
    <Page>
      <TopBar
        title={review.workflow_name || t('reviews.title')}
        left={<h1>{review.workflow_name || t('reviews.title')}</h1>}
      />
      <State review={review} />
      <Found review={review} />
      {review.text && (
        <Section title={t('reviews.appeal_says')}>
          <Card>
            <p className={classes.said}>{review.text}</p>
          </Card>
        </Section>
      )}
      {review.state === 'open' && !review.own && !review.judged_hold && !review.judged && (
        <Judge key={id} review={review} />
      )}
      <History review={review} />
    </Page>
  );
}

function State({ review }: { readonly review: Review }) {
  const { t, format } = useI18n();
  const open = review.state === 'open';
  const title = review.decision ? t(DECISIONS[review.decision]) : t(OUTCOMES[review.state]);
  return (
    <Notice tone={open ? 'warn' : 'muted'} icon={IconUserQuestion} title={title}>
      <p>
        {[
          t(review.purpose === 'appeal' ? 'reviews.purpose_appeal' : 'reviews.purpose_hold'),
          review.workspace.name,
          open && review.needed > 1 && t('reviews.given', { given: review.given, count: review.needed }),
          open && review.deadline && `${t('reviews.column_until')}: ${format.dateTime(review.deadline)}`,
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
      {review.tightened && <p>{t('reviews.tightened')}</p>}
      {open && review.own && <p>{t('reviews.own')}</p>}
      {open && review.judged_hold && <p>{t('reviews.judged_hold')}</p>}
      {open && review.judged && <p>{t('reviews.judged')}</p>}
      <Link to={`/runs/${review.run}`} className={classes.link}>
        {t('reviews.of_run', { id: review.run.slice(-4) })}
      </Link>
    </Notice>
  );
}

function Found({ review }: { readonly review: Review }) {
  const { t, words, format } = useI18n();
  const names = useNames();
  return (
    <Section title={t('reviews.found')}>
      <Card>
        <ul className={classes.found}>
          {review.findings.map((finding, index) => (
            // What a gate found never changes: the position is its identity.
            <li key={index}>
              <strong>{words(finding.message)}</strong>
              <span>
                {finding.score === null
                  ? names.filter(finding.filter)
                  : t('runs.finding_by', {
                      filter: names.filter(finding.filter),
                      score: format.percent(finding.score),
                    })}
              </span>
            </li>
          ))}
        </ul>
      </Card>
    </Section>
  );
}

/** Looking and deciding. What was seen lives in this component alone, and goes with it. */
function Judge({ review }: { readonly review: Review }) {
  const { t } = useI18n();
  const look = useLook(review.id);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const show = (): void =>
    look.mutate(undefined, { onSuccess: (material: Material) => setChosen(allMarks(material)) });
  return (
    <>
      <Section title={t('reviews.material')}>
        <Card>
          {look.data ? (
            <MaterialView material={look.data} chosen={chosen} onChoose={setChosen} />
          ) : (
            <div className={classes.behind}>
              <p>{t('reviews.material_text')}</p>
              <Button
                variant="default"
                leftSection={<IconEye size={16} stroke={1.5} />}
                loading={look.isPending}
                onClick={show}
                data-testid="show-material"
              >
                {t(look.isPending ? 'reviews.showing' : 'reviews.show')}
              </Button>
              {look.error && <ErrorNotice error={look.error} />}
            </div>
          )}
        </Card>
      </Section>
      <Section title={t('reviews.decide')}>
        <Card>
          <DecideForm review={review} material={look.data} chosen={chosen} />
        </Card>
      </Section>
    </>
  );
}

function History({ review }: { readonly review: Review }) {
  const { t, format } = useI18n();
  if (review.opinions.length === 0 && review.looks.length === 0) return null;
  return (
    <Section title={t(review.opinions.length > 0 ? 'reviews.opinions' : 'reviews.looks')}>
      <Card>
        <ul className={classes.found}>
          {review.opinions.map(({ name, decision, note, at }, index) => (
            <li key={`opinion ${index}`}>
              <strong>{t('reviews.opinion_line', { name, decision: t(DECISIONS[decision]) })}</strong>
              <span>{format.dateTime(at)}</span>
              <p className={classes.said}>{note}</p>
            </li>
          ))}
        </ul>
        {review.looks.length > 0 && (
          <p className={classes.note}>
            {review.opinions.length > 0 && `${t('reviews.looks')}: `}
            {review.looks.map(({ name, at }) => `${name} (${format.dateTime(at)})`).join(' · ')}
          </p>
        )}
      </Card>
    </Section>
  );
}
