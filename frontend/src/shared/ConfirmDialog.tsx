// Asks before something that cannot be undone. The safe answer has the focus.
import { Button, Group, Modal, Text } from '@mantine/core';
import { useI18n } from '../i18n';

interface ConfirmDialogProps {
  readonly opened: boolean;
  readonly title: string;
  readonly text: string;
  /** The verb on the button that does it. */
  readonly verb: string;
  readonly busy?: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

export function ConfirmDialog({ opened, title, text, verb, busy, onConfirm, onClose }: ConfirmDialogProps) {
  const { t } = useI18n();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      size="sm"
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <Text c="dimmed">{text}</Text>
      <Group justify="flex-end" gap="xs" mt="lg">
        <Button variant="default" onClick={onClose} data-autofocus>
          {t('common.cancel')}
        </Button>
        <Button color="bad" loading={busy ?? false} onClick={onConfirm}>
          {verb}
        </Button>
      </Group>
    </Modal>
  );
}
