// Moments and lengths of time, as text that keeps itself right.
import { useEffect, useState } from 'react';
import { useI18n } from '../i18n';

/** The present moment, looked at every `period` ms while `active`. */
export function useNow(active: boolean, period = 200): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!active) return undefined;
    const timer = setInterval(() => setNow(Date.now()), period);
    return () => clearInterval(timer);
  }, [active, period]);
  return now;
}

/** "5 minutes ago", with the exact moment on hover. */
export function Ago({ at }: { readonly at: string }) {
  const { format } = useI18n();
  const now = useNow(true, 30_000);
  return (
    <time dateTime={at} title={format.dateTime(at)}>
      {format.ago(at, Math.max(now, new Date(at).getTime()))}
    </time>
  );
}

interface TookProps {
  readonly started: string | null;
  readonly finished: string | null;
  /** Counts up while it has started and not finished. */
  readonly moving: boolean;
}

export function Took({ started, finished, moving }: TookProps) {
  const { format } = useI18n();
  const now = useNow(moving && started !== null && finished === null);
  if (started === null) return null;
  const end = finished === null ? (moving ? now : null) : new Date(finished).getTime();
  if (end === null) return null;
  const seconds = Math.max(0, (end - new Date(started).getTime()) / 1000);
  return <span className="sw-figures">{format.duration(seconds)}</span>;
}
