// What a step waits for that holds no worker, and how long still.
import type { RunStep } from '../../api/types';
import { useI18n } from '../../i18n';
import { useNow } from '../Times';

type Waits = NonNullable<RunStep['waits']>;

export function WaitNote({ waits }: { readonly waits: Waits }) {
  const now = useNow(waits.until !== null, 1_000);
  return <span className="sw-figures">{useWaitWords(waits, now)}</span>;
}

function useWaitWords({ for: what, until, number, of }: Waits, now: number): string {
  const { t, format } = useI18n();
  const left = until === null ? 0 : Math.ceil((new Date(until).getTime() - now) / 1_000);
  const time = format.duration(left);
  if (what === 'decision') return t('runs.waits_for_decision');
  if (what === 'answer')
    return until === null
      ? t('runs.waits_for_answer')
      : t('runs.waits_for_answer_until', { moment: format.dateTime(until) });
  if (what === 'time')
    return left > 0 && until !== null
      ? t('runs.waits_for_time', { time, moment: format.dateTime(until) })
      : t('runs.waits_for_time_now');
  const which = { number: number ?? 1, of: of ?? 1 };
  return left > 0 ? t('runs.waits_for_retry', { ...which, time }) : t('runs.waits_for_retry_now', which);
}
