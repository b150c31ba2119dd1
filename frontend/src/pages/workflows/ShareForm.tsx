// A version becomes a template: what people read about it before they copy it.
import { Button, Group, TagsInput, Textarea, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import type { Version, Workflow } from '../../api/types';
import { useShare } from '../../api/workflows';
import { useI18n } from '../../i18n';
import { ErrorNotice } from '../../shared/ErrorNotice';
import classes from './publish.module.css';

interface ShareFormProps {
  readonly workflow: Pick<Workflow, 'id' | 'name' | 'description'>;
  readonly version: Version;
  readonly onBack: () => void;
  readonly onDone: () => void;
}

/** The server's bounds for tags. */
const MOST_TAGS = 10;
const LONGEST_TAG = 40;

export function ShareForm({ workflow, version, onBack, onDone }: ShareFormProps) {
  const { t } = useI18n();
  const [title, setTitle] = useState(workflow.name);
  const [description, setDescription] = useState(workflow.description);
  const [tags, setTags] = useState<string[]>([]);
  const share = useShare(workflow.id);
  const ready = title.trim() !== '' && description.trim() !== '';
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        share.mutate(
          { version: version.number, title: title.trim(), description: description.trim(), tags },
          {
            onSuccess: () => {
              notifications.show({ message: t('workflows.shared_ok', { name: title.trim() }) });
              onDone();
            },
          },
        );
      }}
    >
      <p className={classes.note}>{t('workflows.share_text')}</p>
      <TextInput
        label={t('workflows.share_name')}
        value={title}
        maxLength={200}
        onChange={(event) => setTitle(event.currentTarget.value)}
        data-autofocus
      />
      <Textarea
        label={t('workflows.share_description')}
        description={t('workflows.share_description_help')}
        autosize
        minRows={2}
        maxRows={8}
        maxLength={2_000}
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      <TagsInput
        label={t('workflows.share_tags')}
        description={t('workflows.share_tags_help')}
        value={tags}
        maxTags={MOST_TAGS}
        maxLength={LONGEST_TAG}
        onChange={setTags}
      />
      {share.error && <ErrorNotice error={share.error} />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onBack}>
          {t('common.back')}
        </Button>
        <Button type="submit" disabled={!ready} loading={share.isPending}>
          {t('workflows.share_verb')}
        </Button>
      </Group>
    </form>
  );
}
