// A state as a pill: icon and word.
import type { RunState } from '../../api/types';
import { useI18n } from '../../i18n';
import { runLook, StateIcon } from './states';
import classes from './states.module.css';

export function StateBadge({ state }: { readonly state: RunState }) {
  const { t } = useI18n();
  const look = runLook(state);
  return (
    <span className={classes.badge} data-tone={look.tone}>
      <StateIcon look={look} size={14} />
      {t(look.word)}
    </span>
  );
}
