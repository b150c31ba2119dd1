// What has been in force: each version with who made it, when and why.
import { Badge } from '@mantine/core';

import { usePolicyVersions, type Whose } from '../../api/policies';
import type { PolicyState } from '../../api/types';
import { useI18n } from '../../i18n';
import { ErrorNotice } from '../../shared/ErrorNotice';
import { MoreButton } from '../../shared/MoreButton';
import { Card, Section } from '../../shared/Page';
import { Ago } from '../../shared/Times';
import classes from './Policy.module.css';

interface HistoryProps {
  readonly whose: Whose;
  readonly state: PolicyState;
}

export function History({ whose, state }: HistoryProps) {
  const { t } = useI18n();
  const list = usePolicyVersions(whose);
  const versions = list.data?.pages.flatMap((page) => page.results) ?? [];
  return (
    <Section title={t('policy.versions')}>
      <Card>
        <div className={classes.effects}>
          {list.error && <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />}
          {list.data && versions.length === 0 && <p className={classes.note}>{t('policy.versions_none')}</p>}
          {versions.length > 0 && (
            <ul className={classes.rows}>
              {versions.map(({ version, author, reason, created }) => (
                <li key={version}>
                  <div className={classes.name}>
                    <strong>{t('policy.version', { version: String(version) })}</strong>
                    {version === state.own?.version && (
                      <Badge size="sm" variant="light" tt="none" fw={500}>
                        {t('policy.version_now')}
                      </Badge>
                    )}
                    <span className={classes.note}>
                      {author} · <Ago at={created} />
                    </span>
                  </div>
                  <p className={classes.plain}>{reason}</p>
                </li>
              ))}
            </ul>
          )}
          <MoreButton list={list} />
        </div>
      </Card>
    </Section>
  );
}
