/** Numbers, sizes and times as the reader's language writes them. Sizes count in thousands, as docker's do. */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

export interface Format {
  number(value: number): string;
  /** `77.8 MB` */
  bytes(size: number): string;
  /** `12%`; `<0.1%` of what is hardly anything. */
  share(part: number): string;
  /** `3 minutes ago` */
  relative(time: Date, now?: Date): string;
  /** To the second, with the time zone: for a title. */
  exact(time: Date): string;
  /** `Nov 26`, of a date in UTC: `2026-11-26` */
  day(date: string): string;
  /** `November 2026` */
  month(time: Date): string;
}

const byteUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const;

const leastShare = 0.001;

const timeUnits: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

export function createFormat(language: string): Format {
  const number = new Intl.NumberFormat(language);
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumSignificantDigits: 2 });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const exact = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'long' });
  const month = new Intl.DateTimeFormat(language, { month: 'long', year: 'numeric' });
  const day = new Intl.DateTimeFormat(language, { month: 'short', day: 'numeric', timeZone: 'UTC' });
  return {
    number: (value) => number.format(value),
    bytes: (size) => formatBytes(language, size),
    share: (part) =>
      part > 0 && part < leastShare ? `<${percent.format(leastShare)}` : percent.format(part),
    relative(time, now = new Date()) {
      const seconds = (time.getTime() - now.getTime()) / 1000;
      const [unit, length] = timeUnits.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1];
      // Under ten seconds, and for a clock that is a little ahead: "now".
      return relative.format(Math.abs(seconds) < 10 ? 0 : Math.trunc(seconds / length), unit);
    },
    exact: (time) => exact.format(time),
    day: (date) => day.format(new Date(date)),
    month: (time) => month.format(time),
  };
}

function formatBytes(language: string, size: number): string {
  let value = size;
  let unit = 0;
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000;
    unit++;
  }
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: byteUnits[unit] ?? 'byte',
    unitDisplay: unit === 0 ? 'narrow' : 'short',
    maximumSignificantDigits: 3,
  }).format(value);
}

/** The formats of the language in use. */
export function useFormat(): Format {
  const { i18n } = useTranslation();
  return useMemo(() => createFormat(i18n.language), [i18n.language]);
}
