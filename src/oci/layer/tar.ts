/**
 * Writes a tar stream: ustar headers, pax records for what those can't hold, nothing that depends on clock, user or
 * machine: the same members give the same bytes. Holes are written as zeros, which every reader understands.
 */
import { InvalidError } from '../../lib/errors.ts';
import { type PaxRecord, formatPax, formatPaxTime, xattrPrefix } from './pax.ts';
import { type TarHeader, type TarTime, blockSize, typeFlags } from './tar-header.ts';

/** A member to write: its header, and for files exactly `size` bytes. */
export interface TarMember {
  readonly header: TarHeader;
  readonly content?: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** Two blocks of zeros. */
export const endOfArchive: Uint8Array = new Uint8Array(2 * blockSize);

/** The archive of these members, in their order. @throws InvalidError when a content isn't as long as announced. */
export async function* tar(
  members: AsyncIterable<TarMember> | Iterable<TarMember>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const { header, content } of members) {
    yield encodeTarHeader(header);
    let written = 0;
    for await (const chunk of content ?? []) {
      written += chunk.length;
      if (written > header.size) break;
      yield chunk;
    }
    if (written !== header.size) {
      throw new InvalidError(`cannot write ${header.name.toString()}: its size is not ${header.size} bytes`);
    }
    yield tarPadding(header.size);
  }
  yield endOfArchive;
}

/** The zeros between a file's last byte and the next header. */
export function tarPadding(size: number): Uint8Array {
  return new Uint8Array((blockSize - (size % blockSize)) % blockSize);
}

/** All blocks that announce a member: the pax header where one is needed, then the ustar header. */
export function encodeTarHeader(header: TarHeader): Buffer {
  const name = splitName(header.name);
  const records = paxRecords(header, name !== undefined);
  const own = encodeBlock(header, name ?? { prefix: empty, name: header.name.subarray(0, 100) });
  if (records.length === 0) return own;
  const body = formatPax(records);
  const announcement = encodeBlock(paxHeader(body.length), { prefix: empty, name: paxName }, 'x');
  return Buffer.concat([announcement, body, tarPadding(body.length), own]);
}

const empty = Buffer.alloc(0);
/** What old tars would call the file that they take the records for. */
const paxName = Buffer.from('PaxHeaders/0');

function paxHeader(size: number): TarHeader {
  return {
    name: paxName,
    type: 'file',
    mode: 0o644,
    uid: 0,
    gid: 0,
    size,
    mtime: { seconds: 0, nanoseconds: 0 },
    linkName: empty,
    major: 0,
    minor: 0,
    xattrs: new Map(),
  };
}

interface SplitName {
  readonly prefix: Buffer;
  readonly name: Buffer;
}

/** A name as ustar holds it: 100 bytes, or up to 155 more before one of its slashes. Undefined where neither fits. */
function splitName(name: Buffer): SplitName | undefined {
  if (name.length <= 100) return { prefix: empty, name };
  for (
    let slash = name.indexOf(0x2f, name.length - 101);
    slash !== -1;
    slash = name.indexOf(0x2f, slash + 1)
  ) {
    if (slash > 155 || slash + 1 >= name.length) return undefined;
    if (slash > 0) return { prefix: name.subarray(0, slash), name: name.subarray(slash + 1) };
  }
  return undefined;
}

function paxRecords(header: TarHeader, isNameWhole: boolean): PaxRecord[] {
  const records: PaxRecord[] = [];
  // Readers take header names for UTF-8 or for bytes as they please; a record is read the same by all.
  if (!isNameWhole || !isAscii(header.name)) records.push(['path', header.name]);
  if (header.linkName.length > 100 || !isAscii(header.linkName)) records.push(['linkpath', header.linkName]);
  if (header.uid > maxOctal7) records.push(['uid', Buffer.from(String(header.uid))]);
  if (header.gid > maxOctal7) records.push(['gid', Buffer.from(String(header.gid))]);
  if (header.size > maxOctal11) records.push(['size', Buffer.from(String(header.size))]);
  if (!isPlainTime(header.mtime)) records.push(['mtime', formatPaxTime(header.mtime)]);
  for (const [name, value] of [...header.xattrs].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    records.push([xattrPrefix + name, value]);
  }
  return records;
}

const maxOctal7 = 0o7777777;
const maxOctal11 = 0o77777777777;

function isPlainTime({ seconds, nanoseconds }: TarTime): boolean {
  return nanoseconds === 0 && seconds >= 0 && seconds <= maxOctal11;
}

function isAscii(bytes: Buffer): boolean {
  return bytes.every((byte) => byte < 0x80);
}

function encodeBlock(header: TarHeader, split: SplitName, typeFlag = typeFlags[header.type]): Buffer {
  const block = Buffer.alloc(blockSize);
  block.set(split.name, 0);
  block.write(octal(header.mode & 0o7777, 7), 100, 'latin1');
  block.write(octal(bounded(header.uid, maxOctal7), 7), 108, 'latin1');
  block.write(octal(bounded(header.gid, maxOctal7), 7), 116, 'latin1');
  block.write(octal(bounded(header.size, maxOctal11), 11), 124, 'latin1');
  block.write(octal(bounded(header.mtime.seconds, maxOctal11), 11), 136, 'latin1');
  block.write('        ', 148, 'latin1');
  block.write(typeFlag, 156, 'latin1');
  block.set(header.linkName.subarray(0, 100), 157);
  block.write('ustar\x0000', 257, 'latin1');
  block.write(octal(header.major, 7), 329, 'latin1');
  block.write(octal(header.minor, 7), 337, 'latin1');
  block.set(split.prefix, 345);
  // A plain loop: a callback for each byte is what archives of small files would spend their time on.
  let checksum = 0;
  for (let at = 0; at < blockSize; at++) checksum += block[at] ?? 0;
  block.write(`${octal(checksum, 6)}\0 `, 148, 'latin1');
  return block;
}

/** A number that doesn't fit stands in a pax record; the header then says 0. */
function bounded(value: number, max: number): number {
  return value >= 0 && value <= max ? value : 0;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}
