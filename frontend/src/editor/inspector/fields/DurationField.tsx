// A length of time: a number, and the unit in which it is said. What is kept is seconds.
import { NumberInput, Select } from '@mantine/core';
import { useState } from 'react';

import { useI18n } from '../../../i18n';
import classes from '../Inspector.module.css';
import type { FieldProps } from './ParamField';

const SECONDS = { days: 86_400, hours: 3_600, minutes: 60, seconds: 1 } as const;
type Unit = keyof typeof SECONDS;
const UNITS = Object.keys(SECONDS) as Unit[];

/** The largest unit in which it is a whole number. */
export function unitOf(seconds: number): Unit {
  return UNITS.find((unit) => seconds >= SECONDS[unit] && seconds % SECONDS[unit] === 0) ?? 'seconds';
}

export function DurationField({ value, label, error, description, testId, set }: FieldProps) {
  const { t } = useI18n();
  const seconds = typeof value === 'number' ? value : null;
  const [chosen, setChosen] = useState<Unit | null>(null);
  const unit = chosen ?? unitOf(seconds ?? 1);
  return (
    <div className={classes.form}>
      <NumberInput
        label={label}
        description={description}
        error={error}
        min={0}
        value={seconds === null ? '' : seconds / SECONDS[unit]}
        onChange={(next) => {
          setChosen(unit); // it stays while the number is written, whatever the number would be better said in
          set(typeof next === 'number' ? next * SECONDS[unit] : null);
        }}
        data-testid={testId}
      />
      <Select
        label={t('editor.duration_unit')}
        allowDeselect={false}
        data={UNITS.toReversed().map((name) => ({ value: name, label: t(`editor.duration_${name}`) }))}
        value={unit}
        onChange={(next) => {
          const to = UNITS.find((name) => name === next) ?? unit;
          setChosen(to);
          if (seconds !== null) set((seconds / SECONDS[unit]) * SECONDS[to]);
        }}
        data-testid={`${testId}-unit`}
      />
    </div>
  );
}
