/** Times of settings that a timer waits for. */
import { InvalidError } from '../lib/errors.ts';

const units = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
/** What a timer takes. */
const maxDuration = 24 * units.d;

/** In milliseconds, of `90s` or `0`. @throws InvalidError */
export function readDuration(text: string): number {
  const match = /^(\d{1,9})([smhd])$|^0$/.exec(text);
  const duration = Number(match?.[1] ?? 0) * units[(match?.[2] ?? 's') as keyof typeof units];
  if (match && duration <= maxDuration) return duration;
  throw new InvalidError('a time like 90s, 30m, 6h or 2d is expected, at most 24d');
}
