// Which published workflow a node stands for: those of this workspace, each at its newest version.
import { Select } from '@mantine/core';
import { IconSitemap } from '@tabler/icons-react';

import { useWorkflows } from '../../../api/workflows';
import { useI18n } from '../../../i18n';
import { callText, parseCall } from '../../document/calls';
import { useEditor } from '../../state/editor';
import classes from '../Inspector.module.css';
import type { FieldProps } from './ParamField';

export function WorkflowField({ param, value, set, label, error, description, testId }: FieldProps) {
  const { t } = useI18n();
  const { workflow: own, workspace } = useEditor();
  const { data } = useWorkflows(workspace || undefined);
  const others = (data?.pages ?? []).flatMap((page) => page.results).filter(({ id }) => id !== own);
  const chosen = parseCall(value);
  const known = others.find(({ id }) => id === chosen?.workflow);
  const offered = others.flatMap(({ id, name, published }) =>
    published === null
      ? []
      : [
          {
            value: callText(id, published),
            label: t('editor.workflow_version', { name, version: published }),
          },
        ],
  );
  const current = typeof value === 'string' && value !== '' ? value : null;
  const isOffered = offered.some((option) => option.value === current);
  // An earlier version, or a workflow that is not on the list, stays chosen: the value is never lost.
  const kept =
    known && chosen
      ? t('editor.workflow_version', { name: known.name, version: chosen.version })
      : t('editor.workflow_gone');
  return (
    <>
      <Select
        label={label}
        error={error}
        description={description}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        required={param.required}
        withAsterisk={false}
        searchable
        leftSection={<IconSitemap size={16} stroke={1.5} />}
        data={current === null || isOffered ? offered : [...offered, { value: current, label: kept }]}
        value={current}
        onChange={(next) => next !== null && set(next)}
        placeholder={t('editor.workflow_choose')}
        nothingFoundMessage={t('editor.workflow_none')}
        data-testid={testId}
      />
      {known && chosen && known.published !== null && known.published > chosen.version && (
        <p className={classes.modelLine}>
          <small>{t('editor.workflow_newer', { version: known.published })}</small>
        </p>
      )}
    </>
  );
}
