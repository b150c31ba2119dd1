// A seed: a number, a dice for a new one, and empty for chance.
import { ActionIcon, NumberInput, Tooltip } from '@mantine/core';
import { IconDice5 } from '@tabler/icons-react';

import { useI18n } from '../../../i18n';
import { LabelWithHelp } from './LabelWithHelp';
import type { FieldProps } from './ParamField';

const MOST = 2 ** 31;

export function SeedField({ param, value, set, label, error, description, testId }: FieldProps) {
  const { t } = useI18n();
  const roll = (): void => {
    const [chance = 0] = crypto.getRandomValues(new Uint32Array(1));
    const least = param.minimum ?? 0;
    set(least + (chance % (Math.min(param.maximum ?? MOST, MOST) - least + 1)));
  };
  return (
    <NumberInput
      label={<LabelWithHelp label={label} help={description} />}
      error={error}
      allowDecimal={false}
      hideControls
      clampBehavior="none"
      placeholder={t('editor.seed_chance')}
      value={typeof value === 'number' ? value : ''}
      onChange={(next) => set(typeof next === 'number' ? next : null)}
      rightSection={
        <Tooltip label={t('editor.seed_roll')}>
          <ActionIcon aria-label={t('editor.seed_roll')} size={26} onClick={roll}>
            <IconDice5 size={17} stroke={1.5} />
          </ActionIcon>
        </Tooltip>
      }
      data-testid={testId}
    />
  );
}
