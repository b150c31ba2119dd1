// A note, and the draft becomes a version.
import { Button, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import { asApiError } from '../../api/errors';
import type { Id } from '../../api/types';
import { usePublish } from '../../api/workflows';
import { useI18n } from '../../i18n';
import { ErrorNotice } from '../../shared/ErrorNotice';
import { Notice } from '../../shared/Notice';
import classes from './publish.module.css';

export function PublishForm({ workflow }: { readonly workflow: Id }) {
  const { t } = useI18n();
  const [note, setNote] = useState('');
  const publish = usePublish(workflow);
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        publish.mutate(note.trim(), {
          onSuccess: ({ number }) => {
            setNote('');
            notifications.show({ message: t('workflows.published_ok', { number }) });
          },
        });
      }}
    >
      <p className={classes.note}>{t('workflows.publish_text')}</p>
      <TextInput
        label={t('workflows.publish_note')}
        placeholder={t('workflows.publish_note_example')}
        value={note}
        maxLength={500}
        onChange={(event) => setNote(event.currentTarget.value)}
        data-autofocus
      />
      {publish.error && <Refusal error={publish.error} />}
      <Button type="submit" loading={publish.isPending} style={{ alignSelf: 'flex-end' }}>
        {t('workflows.publish')}
      </Button>
    </form>
  );
}

/** What stands in the way, all of it at once; other errors speak for themselves. */
function Refusal({ error }: { readonly error: Error }) {
  const { t, words } = useI18n();
  const { issues } = asApiError(error);
  if (issues.length === 0) return <ErrorNotice error={error} />;
  return (
    <Notice tone="warn" icon={IconAlertTriangle} title={t('workflows.publish_refused')}>
      <ul>
        {issues.map((issue, index) => (
          // Issues have no id of their own, and the list never changes its order.
          <li key={index}>{words(issue.message)}</li>
        ))}
      </ul>
    </Notice>
  );
}
