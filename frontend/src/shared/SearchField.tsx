// The search field of a page; `/` leads to it, Escape empties it.
import { CloseButton, Kbd, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useI18n } from '../i18n';
import classes from './SearchField.module.css';

interface SearchFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

export function SearchField({ label, value, onChange }: SearchFieldProps) {
  const { t } = useI18n();
  return (
    <TextInput
      type="search"
      classNames={{ root: classes.root ?? '', input: classes.input ?? '' }}
      aria-label={label}
      placeholder={label}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        if (value === '') event.currentTarget.blur();
        onChange('');
      }}
      leftSection={<IconSearch size={16} stroke={1.5} aria-hidden />}
      rightSection={
        value === '' ? (
          <Kbd size="xs" visibleFrom="sm" aria-hidden>
            /
          </Kbd>
        ) : (
          <CloseButton size="sm" aria-label={t('common.clear')} onClick={() => onChange('')} />
        )
      }
      data-page-search
    />
  );
}

/** Whether a text has every word of the query in it, whatever the case. */
export function matches(query: string, ...texts: readonly string[]): boolean {
  const text = texts.join('\n').toLocaleLowerCase();
  return query
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
