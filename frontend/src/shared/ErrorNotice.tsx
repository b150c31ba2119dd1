// Something went wrong: what, why, and the way out.
import { Button } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { asApiError } from '../api/errors';
import { useI18n } from '../i18n';
import { Notice } from './Notice';

interface ErrorNoticeProps {
  readonly error: unknown;
  readonly onRetry?: (() => void) | undefined;
  readonly children?: ReactNode;
}

export function ErrorNotice({ error, onRetry, children }: ErrorNoticeProps) {
  const { t, words } = useI18n();
  const { message, hint, issues } = asApiError(error);
  return (
    <Notice
      tone="bad"
      icon={IconAlertTriangle}
      title={message}
      actions={
        onRetry && (
          <Button size="xs" variant="default" onClick={onRetry}>
            {t('common.try_again')}
          </Button>
        )
      }
    >
      {hint && <p>{hint}</p>}
      {issues.length > 0 && (
        <ul>
          {issues.map((issue, index) => (
            // Issues have no id of their own, and the list never changes its order.
            <li key={index}>
              {words(issue.message)} {issue.hint && words(issue.hint)}
            </li>
          ))}
        </ul>
      )}
      {children}
    </Notice>
  );
}
