// What happens when the node fails: the run ends, it gives other values, or the drawing goes another way.
import { NumberInput, Select, Switch, Textarea, TextInput } from '@mantine/core';

import type { GraphNode, Json } from '../../../api/types';
import { useI18n } from '../../../i18n';
import { changeOnError, endEdit } from '../../actions';
import { emptyFor, failsOver, plainOutputs } from '../../document/onError';
import type { Port } from '../../document/ports';
import type { NodeSpec } from '../../document/spec';
import classes from '../Inspector.module.css';

/** As the server reads it in the text. */
const CODE = '{{code}}';

interface OnErrorProps {
  readonly node: GraphNode;
  readonly spec: NodeSpec;
}

export function OnErrorField({ node, spec }: OnErrorProps) {
  const { t } = useI18n();
  if (!failsOver(spec)) return null;
  const outputs = plainOutputs(node, spec);
  const current = node.on_error;
  const ways = [
    { value: 'fail', label: t('editor.on_error_fail') },
    ...(outputs.length > 0 ? [{ value: 'default', label: t('editor.on_error_default') }] : []),
    { value: 'branch', label: t('editor.on_error_branch') },
  ];
  const choose = (do_: string | null): void => {
    if (do_ === 'branch')
      changeOnError(node.id, { do: 'branch', text: t('editor.on_error_words', { code: CODE }) });
    else if (do_ === 'default') changeOnError(node.id, { do: 'default', values: emptyFor(outputs) });
    else changeOnError(node.id);
    endEdit();
  };
  return (
    // Leaving a field ends its undo step, as with every setting.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div className={classes.form} data-wide onBlur={endEdit}>
      <Select
        label={t('editor.on_error')}
        allowDeselect={false}
        data={ways}
        value={current?.do ?? 'fail'}
        onChange={choose}
        data-testid="on-error"
      />
      {current?.do === 'branch' && (
        <Textarea
          label={t('editor.on_error_text')}
          description={t('editor.on_error_hint', { code: CODE })}
          autosize
          value={current.text ?? ''}
          onChange={(event) => changeOnError(node.id, { do: 'branch', text: event.currentTarget.value })}
          data-testid="on-error-text"
        />
      )}
      {current?.do === 'default' &&
        outputs.map((port) => (
          <ValueField
            key={port.name}
            port={port}
            value={current.values?.[port.name]}
            set={(value) =>
              changeOnError(node.id, { do: 'default', values: { ...current.values, [port.name]: value } })
            }
          />
        ))}
    </div>
  );
}

interface ValueProps {
  readonly port: Port;
  readonly value: Json | undefined;
  readonly set: (value: Json) => void;
}

function ValueField({ port, value, set }: ValueProps) {
  const { words } = useI18n();
  const shared = { label: words(port.title), 'data-testid': `on-error-${port.name}` };
  if (port.type === 'boolean')
    return (
      <Switch {...shared} checked={value === true} onChange={(event) => set(event.currentTarget.checked)} />
    );
  if (port.type === 'number')
    return (
      <NumberInput
        {...shared}
        value={typeof value === 'number' ? value : ''}
        onChange={(next) => set(Number(next))}
      />
    );
  return (
    <TextInput
      {...shared}
      value={typeof value === 'string' ? value : ''}
      onChange={(event) => set(event.currentTarget.value)}
    />
  );
}
