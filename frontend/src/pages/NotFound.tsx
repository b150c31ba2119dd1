// An address that leads nowhere.
import { Button } from '@mantine/core';
import { IconMapQuestion } from '@tabler/icons-react';
import { Link } from 'react-router';
import { TopBar } from '../app/topbar';
import { useI18n } from '../i18n';
import { EmptyState } from '../shared/EmptyState';

export function NotFound() {
  const { t } = useI18n();
  return (
    <>
      <TopBar title={t('app.not_found_title')} />
      <EmptyState
        icon={IconMapQuestion}
        title={t('app.not_found_title')}
        text={t('app.not_found_text')}
        action={
          <Button component={Link} to="/">
            {t('app.go_home')}
          </Button>
        }
      />
    </>
  );
}
