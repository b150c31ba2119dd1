// A new name for a workflow.
import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { WorkflowItem } from '../../api/types';
import { useChangeWorkflow } from '../../api/workflows';
import { useI18n } from '../../i18n';
import { ErrorNotice } from '../../shared/ErrorNotice';

interface RenameDialogProps {
  /** Closed when there is none. */
  readonly item: WorkflowItem | null;
  readonly onClose: () => void;
}

export function RenameDialog({ item, onClose }: RenameDialogProps) {
  const { t } = useI18n();
  return (
    <Modal
      opened={item !== null}
      onClose={onClose}
      title={t('workflows.rename_title')}
      size="sm"
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {item && <RenameForm key={item.id} item={item} onClose={onClose} />}
    </Modal>
  );
}

function RenameForm({ item, onClose }: { readonly item: WorkflowItem; readonly onClose: () => void }) {
  const { t } = useI18n();
  const [name, setName] = useState(item.name);
  const change = useChangeWorkflow();
  const trimmed = name.trim();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate({ id: item.id, name: trimmed }, { onSuccess: onClose });
      }}
    >
      <TextInput
        label={t('common.name')}
        value={name}
        maxLength={200}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
      {change.error && <ErrorNotice error={change.error} />}
      <Group justify="flex-end" gap="xs" mt="lg">
        <Button variant="default" onClick={onClose}>
          {t('common.cancel')}
        </Button>
        <Button type="submit" disabled={trimmed === ''} loading={change.isPending}>
          {t('common.rename')}
        </Button>
      </Group>
    </form>
  );
}
