/** Times as the API's parameters give them: unix seconds with a fraction, RFC 3339, or a Go duration before now. */
import { InvalidError } from '../../lib/errors.ts';

const units: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
};

/** Seconds since 1970. @throws InvalidError */
export function parseTime(text: string, now = Date.now() / 1000): number {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  const duration = parseDuration(text);
  if (duration !== undefined) return now - duration;
  const date = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(date)) throw new InvalidError(`invalid time: '${text}'`);
  return date / 1000;
}

/**
 * The same as an instant in UTC with nine digits and no zone, `2026-11-23T14:20:56.123456789`: a number of JavaScript's
 * would lose the last ones. @throws InvalidError
 */
export function parseInstant(text: string, now?: number): string {
  const [, whole = '', fraction = ''] = /^(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  if (whole !== '') return instant(Number(whole), fraction);
  const seconds = parseTime(text, now);
  const digits = /^\d{4}-\d\d-\d\dT[\d:]+\.(\d+)/.exec(text)?.[1];
  return instant(Math.floor(seconds), digits ?? (seconds % 1).toFixed(9).slice(2));
}

function instant(seconds: number, fraction: string): string {
  const time = new Date(seconds * 1000);
  if (Number.isNaN(time.getTime())) throw new InvalidError(`invalid time: '${seconds}'`);
  return `${time.toISOString().slice(0, 19)}.${fraction.padEnd(9, '0').slice(0, 9)}`;
}

/** `1h30m`, in seconds; undefined for what is not one. */
function parseDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)].reduce(
    (sum, [, value, unit = 's']) => sum + Number(value) * (units[unit] ?? 0),
    0,
  );
}
