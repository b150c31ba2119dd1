// One input of a workflow as a form field, by its type.
import { NumberInput, Switch, Textarea, TextInput } from '@mantine/core';
import type { Argument, Id, Json } from '../../api/types';
import { useI18n } from '../../i18n';
import { DocumentField } from '../../shared/DocumentField';
import { PictureField } from '../../shared/PictureField';
import { SoundField } from '../../shared/SoundField';
import { boundsOf } from './inputs';
import { JsonField } from './JsonField';

interface InputFieldProps {
  readonly workspace: Id;
  readonly input: Argument;
  readonly value: Json;
  readonly problem: string | undefined;
  readonly onChange: (value: Json) => void;
}

export function InputField({ workspace, input, value, problem, onChange }: InputFieldProps) {
  const { t } = useI18n();
  const title = input.title || input.name;
  const label = input.required ? title : `${title} (${t('common.optional')})`;
  const common = { label, error: problem ?? null, name: input.name };
  switch (input.type) {
    case 'text':
      return input.multiline ? (
        <Textarea
          {...common}
          autosize
          minRows={4}
          maxRows={16}
          value={typeof value === 'string' ? value : ''}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      ) : (
        <TextInput
          {...common}
          value={typeof value === 'string' ? value : ''}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case 'number':
      return (
        <NumberInput
          {...common}
          description={boundsOf(t, input)}
          value={typeof value === 'number' ? value : ''}
          onChange={(next) => onChange(typeof next === 'number' ? next : null)}
          clampBehavior="none"
        />
      );
    case 'boolean':
      return (
        <Switch
          label={title}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
          {...(problem ? { error: problem } : {})}
        />
      );
    case 'image':
      return (
        <PictureField
          workspace={workspace}
          label={label}
          value={typeof value === 'string' ? value : null}
          onChange={onChange}
          error={problem ?? null}
        />
      );
    case 'audio':
      return (
        <SoundField
          workspace={workspace}
          label={label}
          value={typeof value === 'string' ? value : null}
          onChange={onChange}
          error={problem ?? null}
        />
      );
    case 'document':
      return (
        <DocumentField
          workspace={workspace}
          label={label}
          value={typeof value === 'string' ? value : null}
          onChange={onChange}
          error={problem ?? null}
        />
      );
    default:
      return <JsonField label={label} value={value} problem={problem} onChange={onChange} />;
  }
}
