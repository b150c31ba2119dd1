// One filter of a rule: what it looks for, what happens when it finds it, how sure it must be, and for what alone.
import { ActionIcon, MultiSelect, NativeSelect, NumberInput } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';

import type { Filter, GateAction, PolicyFilter } from '../../api/types';
import { useI18n } from '../../i18n';
import classes from './Policy.module.css';
import { ACTION_WORDS } from './words';

interface FilterFieldsProps {
  readonly use: PolicyFilter;
  readonly number: number;
  readonly filters: readonly Filter[];
  /** The form begins with it. */
  readonly first: boolean;
  readonly onChange: (use: PolicyFilter) => void;
  readonly onRemove: () => void;
}

const ACTIONS: readonly GateAction[] = ['block', 'redact', 'hold'];

export function FilterFields({ use, number, filters, first, onChange, onRemove }: FilterFieldsProps) {
  const { t, words } = useI18n();
  const known = filters.find(({ id }) => id === use.filter);
  const choices = filters.map(({ id, title }) => ({ value: id, label: words(title) }));
  if (!known) choices.push({ value: use.filter, label: t('policy.filter_gone', { id: use.filter }) });
  return (
    <div className={classes.use} role="group" aria-label={t('policy.filter_number', { number })}>
      <NativeSelect
        label={t('policy.filter')}
        value={use.filter}
        // Another filter has other categories.
        onChange={(event) => onChange({ ...use, filter: event.currentTarget.value, categories: [] })}
        data={choices}
        data-autofocus={first || undefined}
      />
      <NativeSelect
        label={t('policy.action')}
        value={use.action}
        onChange={(event) => {
          const action = ACTIONS.find((one) => one === event.currentTarget.value);
          if (action) onChange({ ...use, action });
        }}
        data={ACTIONS.map((action) => ({ value: action, label: t(ACTION_WORDS[action]) }))}
      />
      <NumberInput
        label={t('policy.threshold')}
        value={Math.round(use.threshold * 1000) / 10}
        min={0}
        max={100}
        step={5}
        clampBehavior="strict"
        decimalScale={1}
        onChange={(value) => onChange({ ...use, threshold: shareOf(value, use.threshold) })}
      />
      <ActionIcon aria-label={t('policy.filter_remove', { number })} onClick={onRemove}>
        <IconTrash size={16} stroke={1.5} />
      </ActionIcon>
      <MultiSelect
        className={classes.categories ?? ''}
        label={t('policy.categories')}
        placeholder={use.categories.length === 0 ? t('policy.categories_all') : ''}
        value={[...use.categories]}
        onChange={(categories) => onChange({ ...use, categories: [...categories].sort() })}
        data={[
          ...(known?.categories ?? []).map(({ id, title }) => ({ value: id, label: words(title) })),
          ...use.categories
            .filter((id) => !known?.categories.some((category) => category.id === id))
            .map((id) => ({ value: id, label: id })),
        ]}
        clearable
      />
      {known && words(known.misses) && (
        <p className={classes.misses}>{t('policy.misses', { misses: words(known.misses) })}</p>
      )}
    </div>
  );
}

/** A share of one from per cent as typed; while the field is empty, what it was. */
function shareOf(typed: string | number, before: number): number {
  const value = typeof typed === 'number' ? typed : Number.parseFloat(typed);
  return Number.isFinite(value) ? Math.min(100, Math.max(0, value)) / 100 : before;
}
