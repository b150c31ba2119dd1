// Deletes at once and offers the way back, instead of asking "are you sure?" of people who are. Only where others call
// the workflow is it asked first: they would stop running.
import { Button, Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { asApiError } from '../../api/errors';
import type { WorkflowItem } from '../../api/types';
import { useDeleteWorkflow, useRestoreWorkflow } from '../../api/workflows';
import { useWorkspace } from '../../app/workspace';
import { useI18n } from '../../i18n';

/** How long the way back is offered, in milliseconds; the server keeps it for thirty days. */
const OFFERED = 12_000;

export interface Removal {
  readonly remove: (item: WorkflowItem, anyway?: boolean) => void;
  /** The one that others call, until it is decided. */
  readonly called: WorkflowItem | null;
  readonly keep: () => void;
}

export function useDeleteWithUndo(): Removal {
  const { t } = useI18n();
  const workspace = useWorkspace();
  const { mutate: remove } = useDeleteWorkflow(workspace?.id);
  const { mutate: restore } = useRestoreWorkflow(workspace?.id);
  const onError = (error: unknown) =>
    notifications.show({ color: 'bad', message: asApiError(error).message });

  const [called, setCalled] = useState<WorkflowItem | null>(null);
  const start = (item: WorkflowItem, anyway = false): void => {
    const { id, name } = item;
    const note = `deleted-${id}`;
    const undo = () => {
      notifications.hide(note);
      restore(id, {
        onSuccess: () => notifications.show({ message: t('workflows.restored', { name }) }),
        onError,
      });
    };
    const onSuccess = () =>
      notifications.show({
        id: note,
        autoClose: OFFERED,
        message: (
          <Group justify="space-between" gap="xs">
            {t('workflows.deleted', { name })}
            <Button size="compact-sm" variant="default" onClick={undo}>
              {t('common.undo')}
            </Button>
          </Group>
        ),
      });
    setCalled(null);
    remove(
      { id, anyway },
      {
        onSuccess,
        onError: (error) => (asApiError(error).code === 'workflow_called' ? setCalled(item) : onError(error)),
      },
    );
  };
  return { remove: start, called, keep: () => setCalled(null) };
}
