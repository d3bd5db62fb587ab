/** `--since` and `--until`: a Unix time, an RFC 3339 date, or how long ago; sent to the engine as seconds. */
import { InvalidError } from '../lib/errors.ts';
import { parseDuration } from '../lib/quantities.ts';

/** @param flag the name of the flag, for the message. */
export function parseInstant(text: string, flag: string, now = Date.now()): string {
  if (/^\d+(\.\d{1,9})?$/.test(text)) return text;
  if (/^\d{4}-\d{2}-\d{2}/.test(text)) return parseDate(text, flag);
  try {
    return nanoseconds(BigInt(Math.trunc(now)) * 1_000_000n - BigInt(parseDuration(text)));
  } catch (cause) {
    throw invalid(text, flag, cause);
  }
}

function parseDate(text: string, flag: string): string {
  const [, date = '', fraction = ''] = /^([^.]+)(?:\.(\d{1,9}))?/.exec(text) ?? [];
  const zone = /(Z|[+-]\d{2}:?\d{2})$/.exec(text.slice(10))?.[1] ?? '';
  const base = date.replace(/(Z|[+-]\d{2}:?\d{2})$/, (found) => (date.length > 10 ? '' : found));
  // Without a time of day it is midnight, here.
  const full = base.length === 10 ? `${base}T00:00:00` : base.length === 13 ? `${base}:00:00` : base;
  const milliseconds = Date.parse(full + zone);
  if (Number.isNaN(milliseconds)) throw invalid(text, flag);
  return nanoseconds(BigInt(milliseconds) * 1_000_000n + BigInt(fraction.padEnd(9, '0') || '0'));
}

function nanoseconds(value: bigint): string {
  const billion = 1_000_000_000n;
  return `${value / billion}.${String(value % billion).padStart(9, '0')}`;
}

function invalid(text: string, flag: string, cause?: unknown): InvalidError {
  return new InvalidError(
    `invalid value for ${JSON.stringify(flag)}: failed to parse value as time or duration: ${JSON.stringify(text)}`,
    {
      cause,
    },
  );
}
