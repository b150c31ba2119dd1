// What a step waits for that holds no worker, and how long still.
import type { RunStep } from '../../api/types';
import { useI18n } from '../../i18n';
import { useNow } from '../Times';

type Waits = NonNullable<RunStep['waits']>;

export function WaitNote({ waits }: { readonly waits: Waits }) {
  const { t, format } = useI18n();
  const now = useNow(waits.until !== null, 1_000);
  const left = waits.until === null ? 0 : Math.ceil((new Date(waits.until).getTime() - now) / 1_000);
  const which = { number: waits.number ?? 1, of: waits.of ?? 1 };
  return (
    <span className="sw-figures">
      {left > 0
        ? t('runs.waits_for_retry', { ...which, time: format.duration(left) })
        : t('runs.waits_for_retry_now', which)}
    </span>
  );
}
