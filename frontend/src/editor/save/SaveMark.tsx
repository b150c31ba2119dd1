// Whether the drawing is safe: a cloud and a word.
import { Tooltip } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCloudCheck,
  IconCloudOff,
  IconCloudUp,
  IconEye,
  IconGitMerge,
  type Icon,
} from '@tabler/icons-react';

import { type PlainKey, useI18n } from '../../i18n';
import type { SaveState } from './autosaver';
import classes from './SaveMark.module.css';
import { useSave } from './store';

const LOOKS: Record<SaveState, { icon: Icon; word: PlainKey; tone?: 'warn' | 'bad' }> = {
  saved: { icon: IconCloudCheck, word: 'editor.save_saved' },
  edited: { icon: IconCloudUp, word: 'editor.save_edited' },
  saving: { icon: IconCloudUp, word: 'editor.save_saving' },
  offline: { icon: IconCloudOff, word: 'editor.save_offline', tone: 'warn' },
  conflict: { icon: IconGitMerge, word: 'editor.save_conflict', tone: 'bad' },
  refused: { icon: IconAlertTriangle, word: 'editor.save_refused', tone: 'bad' },
};

export function SaveMark() {
  const { t } = useI18n();
  const { state, revision, reason } = useSave();
  const { icon: Sign, word, tone } = LOOKS[state];
  return (
    <Tooltip label={reason ?? t('editor.save_revision', { revision })}>
      <span
        className={classes.mark}
        data-tone={tone}
        data-testid="save-state"
        data-state={state}
        role="status"
      >
        <Sign size={17} stroke={1.5} aria-hidden />
        <span>{t(word)}</span>
      </span>
    </Tooltip>
  );
}

/** In its place for a viewer, who changes nothing. */
export function ReadOnlyMark() {
  const { t } = useI18n();
  return (
    <Tooltip label={t('editor.read_only_text')}>
      <span className={classes.mark} data-testid="read-only">
        <IconEye size={17} stroke={1.5} aria-hidden />
        <span>{t('editor.read_only')}</span>
      </span>
    </Tooltip>
  );
}
