/**
 * Pax extended headers: `LENGTH KEY=VALUE\n` records that say what the old header can't hold.
 * Keys and values are bytes; keys are read as latin1 so that none is lost.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_03
 */
import { CorruptError } from '../../lib/errors.ts';
import type { TarTime } from './tar-header.ts';

export type PaxRecord = readonly [key: string, value: Buffer];

export const xattrPrefix = 'SCHILY.xattr.';

/** The records of one extended header, in their order: GNU sparse 0.0 repeats keys. @throws CorruptError */
export function parsePax(bytes: Buffer): PaxRecord[] {
  const records: PaxRecord[] = [];
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const digits = space === -1 ? '' : bytes.toString('latin1', at, space);
    const end = at + Number(digits);
    const equals = bytes.indexOf(0x3d, space);
    const isWhole = /^[0-9]{1,10}$/.test(digits) && end <= bytes.length && bytes[end - 1] === 0x0a;
    if (!isWhole || equals === -1 || equals >= end || equals < space + 2) {
      throw new CorruptError('archive/tar: invalid pax record');
    }
    records.push([
      bytes.toString('latin1', space + 1, equals),
      Buffer.from(bytes.subarray(equals + 1, end - 1)),
    ]);
    at = end;
  }
  return records;
}

export function formatPax(records: readonly PaxRecord[]): Buffer {
  return Buffer.concat(records.map(([key, value]) => formatRecord(Buffer.from(key, 'latin1'), value)));
}

/** The length counts its own digits: adding them may add a digit. */
function formatRecord(key: Buffer, value: Buffer): Buffer {
  const rest = key.length + value.length + 3;
  let length = rest + String(rest).length;
  if (String(length).length !== String(rest).length) length = rest + String(length).length;
  return Buffer.concat([Buffer.from(`${length} `), key, Buffer.from('='), value, Buffer.from('\n')]);
}

/** `-1.5` is half a second before the last second before 1970: seconds -2, nanoseconds 5e8. @throws CorruptError */
export function parsePaxTime(value: Buffer): TarTime {
  const match = /^(-?)([0-9]{1,15})(?:\.([0-9]*))?$/.exec(value.toString('latin1'));
  if (!match) throw new CorruptError('archive/tar: invalid pax time');
  const [, sign, whole = '0', fraction = ''] = match;
  const seconds = Number(whole);
  const nanoseconds = Number(fraction.slice(0, 9).padEnd(9, '0'));
  if (!sign) return { seconds, nanoseconds };
  return nanoseconds === 0
    ? { seconds: 0 - seconds, nanoseconds }
    : { seconds: -seconds - 1, nanoseconds: 1_000_000_000 - nanoseconds };
}

export function formatPaxTime({ seconds, nanoseconds }: TarTime): Buffer {
  if (nanoseconds === 0) return Buffer.from(String(seconds));
  const isNegative = seconds < 0;
  const whole = isNegative ? -(seconds + 1) : seconds;
  const fraction = isNegative ? 1_000_000_000 - nanoseconds : nanoseconds;
  const digits = String(fraction).padStart(9, '0').replace(/0+$/, '');
  return Buffer.from(`${isNegative ? '-' : ''}${whole}.${digits}`);
}

/** A decimal that a record promises. @throws CorruptError */
export function parsePaxNumber(value: Buffer): number {
  const text = value.toString('latin1');
  const number = Number(text);
  if (!/^-?[0-9]{1,19}$/.test(text) || !Number.isSafeInteger(number)) {
    throw new CorruptError('archive/tar: invalid number in pax record');
  }
  return number;
}
