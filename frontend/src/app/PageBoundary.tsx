// Catches a page that breaks while it draws itself: the frame stays, the person gets a sentence and a way on.
import { Button, Code } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { Component, type ReactNode } from 'react';
import { useI18n } from '../i18n';
import { Notice } from '../shared/Notice';
import { Page } from '../shared/Page';

interface State {
  readonly error: Error | null;
}

export class PageBoundary extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    return this.state.error ? <Broken error={this.state.error} /> : this.props.children;
  }
}

export function Broken({ error }: { readonly error: Error }) {
  const { t } = useI18n();
  return (
    <Page width="narrow">
      <Notice
        tone="bad"
        icon={IconAlertTriangle}
        title={t('app.broke_title')}
        actions={
          <Button size="xs" variant="default" onClick={() => window.location.reload()}>
            {t('common.reload')}
          </Button>
        }
      >
        <p>{t('app.broke_text')}</p>
        <details>
          <summary>{t('app.broke_details')}</summary>
          <Code block>{error.message}</Code>
        </details>
      </Notice>
    </Page>
  );
}
