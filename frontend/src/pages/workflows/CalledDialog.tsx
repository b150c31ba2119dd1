// Before a workflow goes that others call: which they are, and what becomes of them.
import { Button, Group, Modal } from '@mantine/core';
import { Link } from 'react-router';
import type { WorkflowItem } from '../../api/types';
import { useCallers } from '../../api/workflows';
import { useI18n } from '../../i18n';
import { ErrorNotice } from '../../shared/ErrorNotice';
import { Waiting } from '../../shared/Waiting';
import classes from './publish.module.css';

interface CalledDialogProps {
  /** Closed when there is none. */
  readonly item: WorkflowItem | null;
  readonly onKeep: () => void;
  readonly onDelete: (item: WorkflowItem) => void;
}

export function CalledDialog({ item, onKeep, onDelete }: CalledDialogProps) {
  const { t } = useI18n();
  return (
    <Modal
      opened={item !== null}
      onClose={onKeep}
      title={t('workflows.called_title', { name: item?.name ?? '' })}
      size="sm"
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {item && (
        <div className={classes.dialog}>
          <p className={classes.note}>{t('workflows.called_text')}</p>
          <Callers item={item} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onKeep} data-autofocus>
              {t('common.cancel')}
            </Button>
            <Button color="bad" onClick={() => onDelete(item)}>
              {t('workflows.called_delete')}
            </Button>
          </Group>
        </div>
      )}
    </Modal>
  );
}

function Callers({ item }: { readonly item: WorkflowItem }) {
  const { t } = useI18n();
  const callers = useCallers(item.id);
  if (callers.error) return <ErrorNotice error={callers.error} onRetry={() => void callers.refetch()} />;
  if (!callers.data) return <Waiting />;
  return (
    <ul className={classes.versions}>
      {callers.data.map(({ id, name, draft, versions }) => (
        <li key={id}>
          <div className={classes.about}>
            <Link to={`/workflows/${id}`}>{name}</Link>
            <span className={classes.note}>
              {[
                draft && t('workflows.called_draft'),
                versions.length > 0 && t('workflows.called_versions', { count: versions.length }),
              ]
                .filter(Boolean)
                .join(' · ')}
            </span>
          </div>
        </li>
      ))}
    </ul>
  );
}
