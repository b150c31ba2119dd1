// Numbers, dates, sizes and durations, as each language writes them (Intl does the work).
import { localeOf, type Language } from './message';

export interface Format {
  readonly number: (value: number, maximumDigits?: number) => string;
  readonly percent: (share: number) => string;
  readonly bytes: (value: number) => string;
  /** 0.03 s, 2.8 s, 1 min 12 s, 2 h 5 min. */
  readonly duration: (seconds: number) => string;
  /** 23 Nov 2026, 14:05. */
  readonly dateTime: (iso: string) => string;
  /** 5 minutes ago; now. */
  readonly ago: (iso: string, now?: number) => string;
  readonly list: (items: readonly string[]) => string;
}

const BYTE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

const AGO_UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

export function makeFormat(language: Language): Format {
  const locale = localeOf(language);
  const unit = (value: number, name: string, maximumFractionDigits: number) =>
    new Intl.NumberFormat(locale, {
      style: 'unit',
      unit: name,
      unitDisplay: 'short',
      maximumFractionDigits,
    }).format(value);
  return {
    number: (value, maximumFractionDigits = 2) =>
      new Intl.NumberFormat(locale, { maximumFractionDigits }).format(value),
    percent: (share) => new Intl.NumberFormat(locale, { style: 'percent' }).format(share),
    bytes: (value) => {
      const power = Math.min(Math.floor(Math.log10(Math.max(value, 1)) / 3), BYTE_UNITS.length - 1);
      const scaled = value / 1000 ** power;
      return unit(scaled, BYTE_UNITS[power] ?? 'byte', power === 0 || scaled >= 100 ? 0 : 1);
    },
    duration: (seconds) => formatDuration(seconds, language),
    dateTime: (iso) =>
      new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso)),
    ago: (iso, now = Date.now()) => formatAgo((new Date(iso).getTime() - now) / 1000, locale),
    list: (items) => new Intl.ListFormat(locale, { style: 'long', type: 'conjunction' }).format(items),
  };
}

/** English takes the symbols of the SI: `Intl` would write "2.8 secs", too long for a figure on a node. */
const TIME_UNITS: Record<Language, { readonly s: string; readonly min: string; readonly h: string }> = {
  en: { s: 's', min: 'min', h: 'h' },
  zh: { s: '秒', min: '分', h: '小时' },
};

function formatDuration(seconds: number, language: Language): string {
  const { s, min, h } = TIME_UNITS[language];
  // A unit never stands on another line than its figure.
  const figure = (value: number | string, unit: string) => `${value}\u00a0${unit}`;
  if (seconds < 0.005) return figure('<0.01', s);
  if (seconds < 59.95) return figure(seconds.toFixed(seconds < 0.1 ? 2 : 1), s);
  const whole = Math.round(seconds);
  if (whole < 3600) return `${figure(Math.floor(whole / 60), min)} ${figure(whole % 60, s)}`;
  return `${figure(Math.floor(whole / 3600), h)} ${figure(Math.floor((whole % 3600) / 60), min)}`;
}

function formatAgo(difference: number, locale: string): string {
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const [unit, size] = AGO_UNITS.find(([, size]) => Math.abs(difference) >= size) ?? ['second', 1];
  // Under ten seconds "now" says more than a figure that is already wrong.
  if (unit === 'second' && Math.abs(difference) < 10) return format.format(0, 'second');
  return format.format(Math.trunc(difference / size), unit);
}
