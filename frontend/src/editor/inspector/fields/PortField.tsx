// Which port of what a node calls is meant: the output that may end a loop, or the input that takes the items.
import { Select } from '@mantine/core';

import { useI18n } from '../../../i18n';
import { portChoices } from '../../document/calls';
import type { GraphNode } from '../../document/graph';
import type { NodeSpec } from '../../document/spec';
import type { FieldProps } from './ParamField';

interface PortFieldProps extends FieldProps {
  readonly node: GraphNode;
  readonly spec: NodeSpec;
}

export function PortField({ value, set, label, error, description, testId, node, spec }: PortFieldProps) {
  const { t, words } = useI18n();
  const offered = portChoices(node, spec).map((port) => ({ value: port.name, label: words(port.title) }));
  const current = typeof value === 'string' && value !== '' ? value : null;
  const isOffered = current === null || offered.some((option) => option.value === current);
  return (
    <Select
      label={label}
      error={error}
      description={description}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      clearable
      // A port that another version had stays chosen: the value is never lost.
      data={isOffered ? offered : [...offered, { value: current, label: t('editor.called_port_gone') }]}
      value={current}
      onChange={(next) => set(next ?? '')}
      placeholder={t('editor.called_port_choose')}
      nothingFoundMessage={t('editor.called_port_none')}
      data-testid={testId}
    />
  );
}
