/** How uploads and downloads speak of byte positions; both ends of a range are included. */
import { RegistryFailure, UnsatisfiableRangeFailure } from './failure.ts';

/** What an upload holds so far: `0-99` for a hundred bytes. Nothing yet is `0-0`, as clients read a number there. */
export function rangeHeader(size: number): string {
  return `0-${Math.max(size - 1, 0)}`;
}

export interface ChunkRange {
  readonly start: number;
  readonly length: number;
}

/**
 * `Content-Range: 0-99` of a chunk; `bytes 0-99/200` is understood as well.
 * @throws RegistryFailure when it is not a range.
 */
export function parseContentRange(text: string): ChunkRange {
  const match = /^(?:bytes[ =])?(\d{1,15})-(\d{1,15})(?:\/(?:\d+|\*))?$/.exec(text.trim());
  const start = Number(match?.[1]);
  const end = Number(match?.[2]);
  if (!match || end < start) {
    throw new RegistryFailure('RANGE_INVALID', `invalid Content-Range ${JSON.stringify(text.slice(0, 80))}`);
  }
  return { start, length: end - start + 1 };
}

export interface ByteRange {
  readonly start: number;
  /** Past the last byte. */
  readonly end: number;
}

/**
 * `Range: bytes=0-99`, `bytes=100-`, `bytes=-50` against a blob of this size. Undefined: the whole blob, also for several
 * ranges at once and for units that are not bytes, as RFC 9110 section 14.2 allows.
 * @throws UnsatisfiableRangeFailure
 */
export function parseRange(text: string, size: number): ByteRange | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(text.trim());
  if (!match) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(size - Number(last), 0) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(Number(last) + 1, size);
  if (start >= end) throw new UnsatisfiableRangeFailure(size);
  return { start, end };
}
