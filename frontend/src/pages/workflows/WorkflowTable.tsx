// Workflows as rows; on a phone each row folds into two lines.
import { useState } from 'react';
import { Link } from 'react-router';
import type { WorkflowItem } from '../../api/types';
import { useI18n } from '../../i18n';
import table from '../../shared/table.module.css';
import { Ago } from '../../shared/Times';
import { CalledDialog } from './CalledDialog';
import { RenameDialog } from './RenameDialog';
import { useDeleteWithUndo } from './useDeleteWithUndo';
import { WorkflowMenu } from './WorkflowMenu';

interface WorkflowTableProps {
  readonly items: readonly WorkflowItem[];
  readonly mayEdit: boolean;
}

export function WorkflowTable({ items, mayEdit }: WorkflowTableProps) {
  const { t, format } = useI18n();
  const [renaming, setRenaming] = useState<WorkflowItem | null>(null);
  const removal = useDeleteWithUndo();
  return (
    <>
      <table className={table.table}>
        <thead>
          <tr>
            <th>{t('workflows.column_name')}</th>
            <th>{t('workflows.column_edited')}</th>
            <th>{t('workflows.column_published')}</th>
            <th className={table.figure}>{t('workflows.column_runs')}</th>
            <th>
              <span className="sw-hidden">{t('common.more')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.id}>
              <td className={table.main}>
                <Link to={`/workflows/${item.id}`} className={table.link}>
                  {item.name}
                </Link>
              </td>
              <td>
                <Ago at={item.updated} />
              </td>
              <td>
                {item.published === null
                  ? t('workflows.draft_only')
                  : t('workflows.version_short', { number: item.published })}
              </td>
              <td className={table.figure} data-word={t('workflows.column_runs')}>
                {format.number(item.runs)}
              </td>
              <td className={table.actions}>
                <WorkflowMenu
                  item={item}
                  mayEdit={mayEdit}
                  onRename={() => setRenaming(item)}
                  onDelete={() => removal.remove(item)}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <CalledDialog
        item={removal.called}
        onKeep={removal.keep}
        onDelete={(item) => removal.remove(item, true)}
      />
      <RenameDialog item={renaming} onClose={() => setRenaming(null)} />
    </>
  );
}
