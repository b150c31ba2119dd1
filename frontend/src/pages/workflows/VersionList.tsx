// What has been published, newest first, each with the way into the gallery.
import { Button } from '@mantine/core';
import { IconShare3 } from '@tabler/icons-react';
import type { Id, Version } from '../../api/types';
import { useVersions } from '../../api/workflows';
import { useI18n } from '../../i18n';
import { ErrorNotice } from '../../shared/ErrorNotice';
import { Section } from '../../shared/Page';
import { Ago } from '../../shared/Times';
import { Waiting } from '../../shared/Waiting';
import classes from './publish.module.css';

interface VersionListProps {
  readonly workflow: Id;
  readonly onShare: (version: Version) => void;
}

export function VersionList({ workflow, onShare }: VersionListProps) {
  const { t } = useI18n();
  const versions = useVersions(workflow);
  return (
    <Section title={t('workflows.versions')}>
      {versions.error ? (
        <ErrorNotice error={versions.error} onRetry={() => void versions.refetch()} />
      ) : !versions.data ? (
        <Waiting />
      ) : versions.data.length === 0 ? (
        <p className={classes.note}>{t('workflows.versions_none')}</p>
      ) : (
        <ul className={classes.versions}>
          {versions.data.map((version) => (
            <li key={version.id}>
              <div className={classes.about}>
                <strong>{t('workflows.version', { number: version.number })}</strong>
                <span className={classes.note}>
                  <Ago at={version.created} />
                  {version.note && ` · ${version.note}`}
                </span>
              </div>
              <Button
                size="xs"
                variant="default"
                leftSection={<IconShare3 size={15} stroke={1.5} />}
                aria-label={t('workflows.share_title', { number: version.number })}
                onClick={() => onShare(version)}
              >
                {t('workflows.share')}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
