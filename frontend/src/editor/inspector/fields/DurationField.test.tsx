import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { expect, it, vi } from 'vitest';

import type { Json, Param } from '../../../api/types';
import { useLanguage } from '../../../i18n';
import { DurationField, unitOf } from './DurationField';

const PARAM = { name: 'duration', kind: 'duration' } as Param;
const said = vi.fn<(value: Json) => void>();

function Field({ from }: { readonly from: number }) {
  const [value, setValue] = useState<Json>(from);
  return (
    <DurationField
      param={PARAM}
      value={value}
      label="How long"
      error={undefined}
      description={undefined}
      testId="param-duration"
      set={(next) => {
        setValue(next);
        said(next);
      }}
    />
  );
}

it('says a time in the largest unit in which it is a whole number', () => {
  expect([1, 60, 90, 3_600, 5_400, 86_400, 2_592_000].map(unitOf)).toEqual([
    'seconds',
    'minutes',
    'seconds',
    'hours',
    'minutes',
    'days',
    'days',
  ]);
});

it('keeps seconds, whatever the unit in which they are written', async () => {
  useLanguage.setState({ language: 'en' });
  render(<Field from={7_200} />, { wrapper: MantineProvider });
  const number = screen.getByTestId('param-duration');
  expect(number).toHaveValue('2');
  await userEvent.clear(number);
  await userEvent.type(number, '24');
  expect(said).toHaveBeenLastCalledWith(86_400);
  expect(number).toHaveValue('24');
});
