// A field for plain data: JSON as text, taken over as soon as it can be read.
import { Textarea } from '@mantine/core';
import { useState } from 'react';
import type { Json } from '../../api/types';
import { useI18n } from '../../i18n';

interface JsonFieldProps {
  readonly label: string;
  readonly value: Json;
  readonly problem: string | undefined;
  readonly onChange: (value: Json) => void;
}

export function JsonField({ label, value, problem, onChange }: JsonFieldProps) {
  const { t } = useI18n();
  const [text, setText] = useState(value === null ? '' : JSON.stringify(value, null, 2));
  const [broken, setBroken] = useState(false);
  const take = (next: string) => {
    setText(next);
    try {
      onChange(next.trim() === '' ? null : (JSON.parse(next) as Json));
      setBroken(false);
    } catch {
      // Half-typed JSON is ordinary: the field says so, and nothing unreadable is sent.
      onChange(null);
      setBroken(true);
    }
  };
  return (
    <Textarea
      label={label}
      autosize
      minRows={3}
      maxRows={16}
      ff="monospace"
      value={text}
      error={broken ? t('workflows.app_bad_json') : (problem ?? null)}
      onChange={(event) => take(event.currentTarget.value)}
    />
  );
}
