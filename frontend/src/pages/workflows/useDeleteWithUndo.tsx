// Deletes at once and offers the way back, instead of asking "are you sure?" of people who are.
import { Button, Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { asApiError } from '../../api/errors';
import type { WorkflowItem } from '../../api/types';
import { useDeleteWorkflow, useRestoreWorkflow } from '../../api/workflows';
import { useWorkspace } from '../../app/workspace';
import { useI18n } from '../../i18n';

/** How long the way back is offered, in milliseconds; the server keeps it for thirty days. */
const OFFERED = 12_000;

export function useDeleteWithUndo(): (item: WorkflowItem) => void {
  const { t } = useI18n();
  const workspace = useWorkspace();
  const { mutate: remove } = useDeleteWorkflow(workspace?.id);
  const { mutate: restore } = useRestoreWorkflow(workspace?.id);
  const onError = (error: unknown) =>
    notifications.show({ color: 'bad', message: asApiError(error).message });

  return ({ id, name }) => {
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
    remove(id, { onSuccess, onError });
  };
}
