// What can be done with one workflow of the list.
import { ActionIcon, Menu } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconAppWindow, IconCopy, IconDots, IconEdit, IconSitemap, IconTrash } from '@tabler/icons-react';
import { Link } from 'react-router';
import { asApiError } from '../../api/errors';
import type { WorkflowItem } from '../../api/types';
import { useDuplicateWorkflow } from '../../api/workflows';
import { useWorkspace } from '../../app/workspace';
import { useI18n } from '../../i18n';

interface WorkflowMenuProps {
  readonly item: WorkflowItem;
  readonly mayEdit: boolean;
  readonly onRename: () => void;
  readonly onDelete: () => void;
}

const ICON = { size: 16, stroke: 1.5 } as const;

export function WorkflowMenu({ item, mayEdit, onRename, onDelete }: WorkflowMenuProps) {
  const { t } = useI18n();
  const workspace = useWorkspace();
  const duplicate = useDuplicateWorkflow(workspace?.id);
  const copy = () =>
    duplicate.mutate(item.id, {
      onSuccess: (made) => notifications.show({ message: t('workflows.duplicated', { name: made.name }) }),
      onError: (error) => notifications.show({ color: 'bad', message: asApiError(error).message }),
    });
  return (
    <Menu position="bottom-end" width={190}>
      <Menu.Target>
        <ActionIcon
          aria-label={t('workflows.actions_for', { name: item.name })}
          loading={duplicate.isPending}
        >
          <IconDots {...ICON} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} to={`/workflows/${item.id}`} leftSection={<IconSitemap {...ICON} />}>
          {t('workflows.open')}
        </Menu.Item>
        <Menu.Item
          component={Link}
          to={`/workflows/${item.id}/app`}
          leftSection={<IconAppWindow {...ICON} />}
        >
          {t('workflows.open_app')}
        </Menu.Item>
        {mayEdit && (
          <>
            <Menu.Item leftSection={<IconEdit {...ICON} />} onClick={onRename}>
              {t('common.rename')}
            </Menu.Item>
            <Menu.Item leftSection={<IconCopy {...ICON} />} onClick={copy}>
              {t('common.duplicate')}
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item color="bad" leftSection={<IconTrash {...ICON} />} onClick={onDelete}>
              {t('common.delete')}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
