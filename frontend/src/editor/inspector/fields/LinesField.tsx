// A list of short texts: one field each, in an order that matters.
import { ActionIcon, Button, Input, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';

import { useI18n } from '../../../i18n';
import classes from '../Inspector.module.css';
import type { FieldProps } from './ParamField';

export function LinesField({ param, value, set, label, error, description, testId }: FieldProps) {
  const { t } = useI18n();
  const lines = Array.isArray(value)
    ? value.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)))
    : [];
  return (
    <Input.Wrapper
      label={label}
      error={error}
      description={description}
      required={param.required}
      withAsterisk={false}
      labelElement="div"
    >
      <div className={classes.lines} data-testid={testId}>
        {lines.map((line, index) => (
          // The position is the line's identity: its port is named by it.
          <TextInput
            key={index}
            aria-label={t('editor.line_number', { name: label, number: index + 1 })}
            value={line}
            onChange={(event) => set(lines.with(index, event.currentTarget.value))}
            rightSection={
              <ActionIcon
                size={24}
                aria-label={t('editor.line_remove', { number: index + 1 })}
                onClick={() => set(lines.toSpliced(index, 1))}
              >
                <IconX size={14} stroke={1.6} />
              </ActionIcon>
            }
          />
        ))}
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} stroke={1.6} />}
          onClick={() => set([...lines, ''])}
          data-testid={`${testId}-add`}
        >
          {t('editor.line_add')}
        </Button>
      </div>
    </Input.Wrapper>
  );
}
