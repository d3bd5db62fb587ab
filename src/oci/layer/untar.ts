/**
 * Reads a tar stream of any dialect that layers come in: ustar, pax, old GNU, v7, sparse files of all four kinds.
 * Bytes of names are kept. Everything held in memory is bounded; what the archive claims is checked against what it has.
 * Synchronous: an archive is thousands of small steps, and whoever takes one apart has a thread or a process for it.
 */
import { CorruptError, UnsupportedError } from '../../lib/errors.ts';
import { ByteReader, type ByteSource, unexpectedEnd } from './byte-reader.ts';
import { type PaxRecord, parsePax, parsePaxNumber, parsePaxTime, xattrPrefix } from './pax.ts';
import {
  type Segment,
  type SparseMap,
  checkSparse,
  parsePaxSparse,
  readOldGnuSparse,
  readPaxSparse1,
} from './sparse.ts';
import {
  type RawHeader,
  type TarHeader,
  type TarType,
  blockSize,
  cBytes,
  isZeroBlock,
  parseHeaderBlock,
} from './tar-header.ts';

/** Pax headers, long names and long links: what has to be held whole. Go's archive/tar draws the same line. */
const maxSpecialSize = 1024 * 1024;

/** A member of the archive. Its bytes can be read once, before the next member is asked for. */
export interface TarEntry extends TarHeader {
  /** The stretches that hold data; one for the whole of a plain file. */
  readonly segments: readonly Segment[];
  /** The file's bytes, holes as zeros. */
  content(): Generator<Uint8Array, void, undefined>;
  /** The bytes of the segments alone, one after the other. */
  data(): Generator<Uint8Array, void, undefined>;
}

/**
 * The members of an archive, in order. What a consumer leaves unread of one is skipped; after the last one the source
 * is read to its end, trailing bytes included. Bytes of content are good until the next ones are asked for.
 * @throws CorruptError when the archive is broken or ends too early.
 */
export function* untar(source: ByteSource): Generator<TarEntry, void, undefined> {
  const reader = new ByteReader(source);
  const globals = new Map<string, Buffer>();
  for (let entry = nextEntry(reader, globals); entry; entry = nextEntry(reader, globals)) {
    yield entry;
    entry.finish();
  }
  reader.drain();
}

/** What comes before a member and speaks of it. */
interface Prelude {
  pax: PaxRecord[];
  longName?: Buffer;
  longLink?: Buffer;
}

function nextEntry(reader: ByteReader, globals: Map<string, Buffer>): Entry | undefined {
  const prelude: Prelude = { pax: [] };
  for (;;) {
    if (reader.isAtEnd()) return undefined;
    const block = reader.read(blockSize);
    if (isZeroBlock(block)) return undefined;
    const raw = parseHeaderBlock(block);
    switch (raw.typeFlag) {
      case 'x':
      case 'X':
        prelude.pax.push(...parsePax(readSpecial(reader, raw)));
        break;
      case 'g':
        for (const [key, value] of parsePax(readSpecial(reader, raw))) globals.set(key, value);
        break;
      case 'L':
        prelude.longName = cBytes(readSpecial(reader, raw));
        break;
      case 'K':
        prelude.longLink = cBytes(readSpecial(reader, raw));
        break;
      case 'V':
        reader.skip(padded(raw.size));
        break;
      default:
        return readEntry(reader, block, raw, { ...prelude, pax: [...globals, ...prelude.pax] });
    }
  }
}

function readSpecial(reader: ByteReader, raw: RawHeader): Buffer {
  if (raw.size < 0 || raw.size > maxSpecialSize) throw new CorruptError('archive/tar: header field too long');
  const bytes = Buffer.from(reader.read(raw.size));
  reader.skip(padded(raw.size) - raw.size);
  return bytes;
}

function readEntry(reader: ByteReader, block: Buffer, raw: RawHeader, prelude: Prelude): Entry {
  // A record with an empty value takes back what a global header said.
  const records = new Map(prelude.pax);
  for (const [key, value] of records) if (value.length === 0 && !isXattr(key)) records.delete(key);
  const header = mergeHeader(raw, records, prelude);
  const number = (key: string): number | undefined => {
    const value = records.get(key);
    return value && parsePaxNumber(value);
  };
  let stored = header.type === 'file' ? (number('size') ?? raw.size) : 0;
  if (stored < 0) throw new CorruptError('archive/tar: negative size');
  let map: SparseMap | undefined;
  if (raw.typeFlag === 'S') {
    map = readOldGnuSparse(block, reader);
  } else if (header.type === 'file' && number('GNU.sparse.major') === 1) {
    const read = readPaxSparse1(reader, number('GNU.sparse.realsize') ?? 0, stored);
    stored -= read.mapLength;
    map = read;
  } else if (header.type === 'file') {
    map = parsePaxSparse(prelude.pax);
  }
  const { size, segments } = map ? checkSparse(map, stored) : plain(stored);
  return new Entry({ ...header, size }, segments, stored, reader);
}

function plain(size: number): SparseMap {
  return { size, segments: size === 0 ? [] : [{ offset: 0, length: size }] };
}

function mergeHeader(raw: RawHeader, records: ReadonlyMap<string, Buffer>, prelude: Prelude): TarHeader {
  const name = records.get('GNU.sparse.name') ?? records.get('path') ?? prelude.longName ?? raw.name;
  const linkName = records.get('linkpath') ?? prelude.longLink ?? raw.linkName;
  if (name.includes(0) || linkName.includes(0)) throw new CorruptError('archive/tar: zero byte in a name');
  const type = typeOf(raw, name);
  const uid = records.get('uid');
  const gid = records.get('gid');
  const mtime = records.get('mtime');
  const isLink = type === 'link' || type === 'symlink';
  const isDevice = type === 'character' || type === 'block';
  return {
    name,
    type,
    mode: raw.mode,
    uid: checkId(uid ? parsePaxNumber(uid) : raw.uid),
    gid: checkId(gid ? parsePaxNumber(gid) : raw.gid),
    size: 0,
    mtime: mtime ? parsePaxTime(mtime) : { seconds: raw.mtime, nanoseconds: 0 },
    linkName: isLink ? linkName : Buffer.alloc(0),
    major: isDevice ? raw.major : 0,
    minor: isDevice ? raw.minor : 0,
    xattrs: xattrsOf(records),
  };
}

/** All ones means "leave it" to chown(2): no archive may ask for that. */
function checkId(id: number): number {
  if (id < 0 || id >= 0xffffffff) throw new CorruptError('archive/tar: owner out of range');
  return id;
}

function xattrsOf(records: ReadonlyMap<string, Buffer>): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (const [key, value] of records) if (isXattr(key)) found.set(key.slice(xattrPrefix.length), value);
  return found;
}

function isXattr(key: string): boolean {
  return key.startsWith(xattrPrefix);
}

const typesByFlag: Readonly<Record<string, TarType>> = {
  '\0': 'file',
  '0': 'file',
  '7': 'file',
  S: 'file',
  '1': 'link',
  '2': 'symlink',
  '3': 'character',
  '4': 'block',
  '5': 'directory',
  '6': 'fifo',
};

function typeOf(raw: RawHeader, name: Buffer): TarType {
  const type = typesByFlag[raw.typeFlag];
  if (!type) throw new UnsupportedError(`unhandled tar header type ${raw.typeFlag.charCodeAt(0)}`);
  // Before POSIX a directory was a file whose name ended in a slash.
  const isOldDirectory = type === 'file' && raw.typeFlag !== 'S' && name.at(-1) === 0x2f;
  return isOldDirectory ? 'directory' : type;
}

function padded(size: number): number {
  return Math.ceil(size / blockSize) * blockSize;
}

class Entry implements TarEntry {
  readonly name: Buffer;
  readonly type: TarType;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: TarHeader['mtime'];
  readonly linkName: Buffer;
  readonly major: number;
  readonly minor: number;
  readonly xattrs: ReadonlyMap<string, Buffer>;
  readonly segments: readonly Segment[];
  readonly #reader: ByteReader;
  readonly #padding: number;
  #rest: number;

  constructor(header: TarHeader, segments: readonly Segment[], stored: number, reader: ByteReader) {
    this.name = header.name;
    this.type = header.type;
    this.mode = header.mode;
    this.uid = header.uid;
    this.gid = header.gid;
    this.size = header.size;
    this.mtime = header.mtime;
    this.linkName = header.linkName;
    this.major = header.major;
    this.minor = header.minor;
    this.xattrs = header.xattrs;
    this.segments = segments;
    this.#reader = reader;
    this.#rest = stored;
    this.#padding = padded(stored) - stored;
  }

  *data(): Generator<Uint8Array, void, undefined> {
    while (this.#rest > 0) {
      const part = this.#reader.some(this.#rest);
      if (!part) throw unexpectedEnd();
      this.#rest -= part.length;
      yield part;
    }
  }

  *content(): Generator<Uint8Array, void, undefined> {
    let at = 0;
    for (const { offset, length } of this.segments) {
      yield* zeros(offset - at);
      for (let rest = length; rest > 0;) {
        const part = this.#reader.some(rest);
        if (!part) throw unexpectedEnd();
        rest -= part.length;
        this.#rest -= part.length;
        yield part;
      }
      at = offset + length;
    }
    yield* zeros(this.size - at);
  }

  /** Leaves the reader at the next header. */
  finish(): void {
    this.#reader.skip(this.#rest);
    this.#rest = 0;
    // An archive cut right behind the last byte of data is taken by every tar.
    if (!this.#reader.isAtEnd()) this.#reader.skip(this.#padding);
  }
}

function* zeros(count: number): Generator<Uint8Array> {
  const block = new Uint8Array(Math.min(count, 65536));
  for (let rest = count; rest > 0; rest -= block.length)
    yield block.subarray(0, Math.min(rest, block.length));
}
