// A page or a part that is still being fetched: a ring and a word, after a moment.
import { useI18n } from '../i18n';
import { Spinner } from './Spinner';
import classes from './Waiting.module.css';

export function Waiting() {
  const { t } = useI18n();
  return (
    <div className={classes.waiting} role="status">
      <Spinner size={18} />
      {t('common.loading')}
    </div>
  );
}
