// Two tabs wrote the same workflow: nothing is lost until a person has decided.
import { Button, Modal, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconCopy, IconDownload, IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { useNavigate } from 'react-router';

import { asApiError } from '../../api/errors';
import { useCreateWorkflow } from '../../api/workflows';
import { useI18n } from '../../i18n';
import { useEditor } from '../state/editor';
import { keepMine, takeTheirs, useSave } from './store';

export function ConflictDialog() {
  const { t, format } = useI18n();
  const conflict = useSave((state) => (state.state === 'conflict' ? state.conflict : null));
  const { name, workspace } = useEditor();
  const create = useCreateWorkflow(workspace);
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  if (!conflict) return null;

  const openCopy = async (): Promise<void> => {
    setBusy(true);
    try {
      const copy = await create.mutateAsync({ name: t('editor.copy_of', { name }), graph: conflict.graph });
      await keepMine();
      await navigate(`/workflows/${copy.id}`);
    } catch (error) {
      notifications.show({ message: asApiError(error).message, color: 'bad' });
    } finally {
      setBusy(false);
    }
  };

  return (
    <Modal
      opened
      onClose={ignore}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title={t('editor.conflict_title')}
      data-testid="conflict"
    >
      <Stack gap="xs">
        <Text c="dimmed">
          {conflict.by
            ? t('editor.conflict_by', { who: conflict.by, when: format.dateTime(conflict.saved) })
            : t('editor.conflict_text', { when: format.dateTime(conflict.saved) })}
        </Text>
        <Button mt="xs" leftSection={<IconUpload size={16} stroke={1.5} />} onClick={() => void keepMine()}>
          {t('editor.conflict_keep')}
        </Button>
        <Button variant="default" leftSection={<IconDownload size={16} stroke={1.5} />} onClick={takeTheirs}>
          {t('editor.conflict_take')}
        </Button>
        <Button
          variant="default"
          loading={busy}
          leftSection={<IconCopy size={16} stroke={1.5} />}
          onClick={() => void openCopy()}
        >
          {t('editor.conflict_copy')}
        </Button>
      </Stack>
    </Modal>
  );
}

function ignore(): void {
  // There is no way round the decision: closing would leave every later edit unsaved.
}
