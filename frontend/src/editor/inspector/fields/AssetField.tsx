// A picture that belongs to the drawing: uploaded at once, shown small, and removable.
import { Button } from '@mantine/core';

import { useI18n } from '../../../i18n';
import { PictureField } from '../../../shared/PictureField';
import { useEditor } from '../../state/editor';
import type { FieldProps } from './ParamField';

export function AssetField({ param, value, set, label, error, testId }: FieldProps) {
  const { t } = useI18n();
  const workspace = useEditor((state) => state.workspace);
  const asset = typeof value === 'string' && value !== '' ? value : null;
  return (
    <div data-testid={testId}>
      <PictureField
        workspace={workspace}
        label={label}
        required={param.required}
        value={asset}
        onChange={set}
        error={error ?? null}
      />
      {asset !== null && (
        <Button size="compact-xs" variant="subtle" color="gray" onClick={() => set(null)}>
          {t('editor.asset_clear')}
        </Button>
      )}
    </div>
  );
}
