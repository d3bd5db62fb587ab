/**
 * One member of a tar archive as a value, and the fixed 512-byte header that all dialects share.
 * Names are bytes: file systems don't promise UTF-8, so nothing here decodes them.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html and GNU tar's manual, "Basic Tar Format".
 */
import { CorruptError } from '../../lib/errors.ts';

export const blockSize = 512;

/** Seconds since 1970, maybe negative, and the nanoseconds on top of them. */
export interface TarTime {
  readonly seconds: number;
  readonly nanoseconds: number;
}

export type TarType = 'file' | 'link' | 'symlink' | 'character' | 'block' | 'directory' | 'fifo';

export interface TarHeader {
  /** As it stands in the archive: may be absolute, hold `..`, or end in a slash. */
  readonly name: Buffer;
  readonly type: TarType;
  /** Permissions with setuid, setgid and sticky: 12 bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of the file once unpacked; 0 for all but files. */
  readonly size: number;
  readonly mtime: TarTime;
  /** Where a link leads; empty for the others. */
  readonly linkName: Buffer;
  readonly major: number;
  readonly minor: number;
  /** Extended attributes; names in latin1, that is bytes as they are. */
  readonly xattrs: ReadonlyMap<string, Buffer>;
}

const noBytes = Buffer.alloc(0);

/** A member that says nothing of itself, to be filled in. */
export const emptyHeader: TarHeader = {
  name: noBytes,
  type: 'file',
  mode: 0,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: { seconds: 0, nanoseconds: 0 },
  linkName: noBytes,
  major: 0,
  minor: 0,
  xattrs: new Map(),
};

/** Type flags in the header, both ways. */
export const typeFlags: Record<TarType, string> = {
  file: '0',
  link: '1',
  symlink: '2',
  character: '3',
  block: '4',
  directory: '5',
  fifo: '6',
};

/** What one header block says, before pax records and GNU long names have their say. */
export interface RawHeader {
  readonly name: Buffer;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  readonly typeFlag: string;
  readonly linkName: Buffer;
  readonly major: number;
  readonly minor: number;
  /** True for the dialect of GNU tar, whose extra fields stand where POSIX has the prefix. */
  readonly isGnu: boolean;
}

export function isZeroBlock(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}

/** @throws CorruptError when the checksum or a number is wrong. */
export function parseHeaderBlock(block: Buffer): RawHeader {
  if (!hasChecksum(block)) throw new CorruptError('archive/tar: invalid tar header');
  const magic = block.toString('latin1', 257, 265);
  const isPosix = magic.startsWith('ustar\0');
  const isGnu = magic === 'ustar  \0';
  const name = cBytes(block.subarray(0, 100));
  const prefix = isPosix ? cBytes(block.subarray(345, 500)) : Buffer.alloc(0);
  const hasDevice = isPosix || isGnu;
  return {
    name: prefix.length > 0 ? Buffer.concat([prefix, Buffer.from('/'), name]) : Buffer.from(name),
    mode: parseNumber(block, 100, 108) & 0o7777,
    uid: parseNumber(block, 108, 116),
    gid: parseNumber(block, 116, 124),
    size: parseNumber(block, 124, 136),
    mtime: parseNumber(block, 136, 148),
    typeFlag: String.fromCharCode(block[156] ?? 0),
    linkName: Buffer.from(cBytes(block.subarray(157, 257))),
    major: hasDevice ? parseNumber(block, 329, 337) : 0,
    minor: hasDevice ? parseNumber(block, 337, 345) : 0,
    isGnu,
  };
}

/** The sum of all bytes, the checksum's own field counted as spaces. Some old tars summed signed chars. */
function hasChecksum(block: Buffer): boolean {
  let unsigned = 0;
  let signed = 0;
  // Indexed: this runs over every header byte of every layer.
  for (let index = 0; index < blockSize; index++) {
    const byte = index >= 148 && index < 156 ? 0x20 : (block[index] ?? 0);
    unsigned += byte;
    signed += byte < 128 ? byte : byte - 256;
  }
  const stored = parseNumber(block, 148, 156);
  return stored === unsigned || stored === signed;
}

/**
 * The number in a field: octal digits between spaces and zeros, or GNU's base-256 when the first bit is set.
 * By hand and in place: this runs eight times for every member of every layer.
 * @throws CorruptError
 */
export function parseNumber(block: Buffer, start: number, end: number): number {
  if ((block[start] ?? 0) & 0x80) return parseBase256(block.subarray(start, end));
  let at = start;
  while (at < end && isFiller(block[at])) at++;
  let value = 0;
  for (; at < end && !isFiller(block[at]); at++) {
    const digit = (block[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 7) throw new CorruptError('archive/tar: invalid tar header');
    value = value * 8 + digit;
  }
  return value;
}

function isFiller(byte: number | undefined): boolean {
  return byte === 0 || byte === 0x20;
}

/** Two's complement, big-endian; the second bit of the first byte is the sign. */
function parseBase256(field: Buffer): number {
  const isNegative = ((field[0] ?? 0) & 0x40) !== 0;
  let value = isNegative ? -1n : 0n;
  for (const [index, byte] of field.entries()) {
    const bits = index === 0 ? (isNegative ? byte | 0x80 : byte & 0x7f) : byte;
    value = (value << 8n) | BigInt(bits);
  }
  if (isNegative) value = BigInt.asIntN(field.length * 8, value);
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new CorruptError('archive/tar: number out of range');
  return number;
}

/** The bytes before the first zero. */
export function cBytes(field: Buffer): Buffer {
  const end = field.indexOf(0);
  return end === -1 ? field : field.subarray(0, end);
}
