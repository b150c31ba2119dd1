// The shadow: a draft that looks on at real runs, and how often it would have acted.
import { Button } from '@mantine/core';
import { IconEye } from '@tabler/icons-react';

import { useEndPolicyShadow, type Whose } from '../../api/policies';
import type { PolicyShadow, PolicyState } from '../../api/types';
import { useI18n } from '../../i18n';
import { ErrorNotice } from '../../shared/ErrorNotice';
import { Card, Section } from '../../shared/Page';
import { useNames } from '../../shared/run/useNames';
import { Ago } from '../../shared/Times';
import classes from './Policy.module.css';

interface ShadowSectionProps {
  readonly whose: Whose;
  readonly state: PolicyState;
  readonly onStart: () => void;
}

export function ShadowSection({ whose, state, onStart }: ShadowSectionProps) {
  const { t } = useI18n();
  const end = useEndPolicyShadow(whose);
  const { shadow, draft } = state;
  const running = shadow !== null && shadow.ended === null;
  return (
    <Section title={t('policy.shadow')}>
      <Card>
        <div className={classes.effects} data-testid="shadow">
          {shadow ? (
            <Told shadow={shadow} state={state} />
          ) : (
            <p className={classes.note}>{t('policy.shadow_none')}</p>
          )}
          {end.error && <ErrorNotice error={end.error} />}
          <div className={classes.go}>
            {running && (
              <Button
                size="xs"
                variant="default"
                loading={end.isPending}
                onClick={() => end.mutate(undefined)}
              >
                {t('policy.shadow_end')}
              </Button>
            )}
            {draft && (!running || shadow.differs) && (
              <Button
                size="xs"
                variant="default"
                leftSection={<IconEye size={15} stroke={1.5} />}
                onClick={onStart}
              >
                {t('policy.shadow_start')}
              </Button>
            )}
          </div>
        </div>
      </Card>
    </Section>
  );
}

function Told({ shadow, state }: { readonly shadow: PolicyShadow; readonly state: PolicyState }) {
  const { t, words, format } = useI18n();
  const names = useNames();
  const rules = [state.draft, state.own, state.floor].flatMap((edition) => edition?.policy.rules ?? []);
  const titleOf = (id: string): string => {
    const rule = rules.find((item) => item.id === id);
    return rule ? words(rule.title) : id;
  };
  const when =
    shadow.ended === null
      ? t('policy.shadow_running', { when: format.dateTime(shadow.started) })
      : t('policy.shadow_ended', {
          from: format.dateTime(shadow.started),
          until: format.dateTime(shadow.ended),
        });
  const counts = [
    t('policy.shadow_counts', { count: shadow.looked }),
    shadow.failed > 0 && t('policy.shadow_failed', { count: shadow.failed }),
  ].filter(Boolean);
  return (
    <>
      <p className={classes.plain}>
        <strong>{when}</strong> · {counts.join(' · ')}
      </p>
      <p className={classes.note}>
        {shadow.author}: “{shadow.reason}”
      </p>
      {shadow.ended === null && shadow.differs && (
        <p className={classes.note}>{t('policy.shadow_differs')}</p>
      )}
      {shadow.findings.length === 0 ? (
        <p className={classes.note}>{t('policy.shadow_nothing')}</p>
      ) : (
        <div className={classes.scroll}>
          <table className={classes.table}>
            <thead>
              <tr>
                <th>{t('policy.column_rule')}</th>
                <th>{t('policy.column_found')}</th>
                <th className={classes.figure}>{t('policy.column_times')}</th>
                <th className={classes.figure}>{t('policy.column_runs')}</th>
                <th>{t('policy.column_last')}</th>
              </tr>
            </thead>
            <tbody>
              {shadow.findings.map((found) => (
                <tr key={`${found.rule} ${found.filter} ${found.action} ${found.category}`}>
                  <td>{titleOf(found.rule)}</td>
                  <td>
                    {t('gates.found_row', {
                      category: names.category(found.filter, found.category),
                      filter: names.filter(found.filter),
                    })}
                  </td>
                  <td className={classes.figure}>{format.number(found.count)}</td>
                  <td className={classes.figure}>{format.number(found.runs)}</td>
                  <td>
                    <Ago at={found.last} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
