/** What a layer says of one path, and lists of it as they are kept: a line of JSON each, zstd over all. */
import { CorruptError } from '../../lib/errors.ts';

/** A whiteout hides what the layers below have at its path, `opaque` what they have in its directory. */
const entryKinds = [
  'file',
  'directory',
  'symlink',
  'link',
  'character',
  'block',
  'fifo',
  'whiteout',
  'opaque',
] as const;
export type EntryKind = (typeof entryKinds)[number];

export interface LayerEntry {
  /** Relative to the root, which is ''; bytes as they are, in latin1. */
  readonly path: string;
  readonly kind: EntryKind;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** Where a link leads, in latin1. */
  readonly link: string;
  /** A digest of a file's bytes, to tell two apart; '' for all else. */
  readonly content: string;
}

/** Of the form of a line, and of what its digests are: another one is made anew. */
const version = 2;

type Line = readonly [
  version: number,
  path: string,
  kind: number,
  mode: number,
  uid: number,
  gid: number,
  size: number,
  mtime: number,
  link: string,
  content: string,
];

export function encodeEntry(entry: LayerEntry): string {
  const { path, kind, mode, uid, gid, size, mtime, link, content } = entry;
  const line: Line = [version, path, entryKinds.indexOf(kind), mode, uid, gid, size, mtime, link, content];
  return `${JSON.stringify(line)}\n`;
}

/** @throws CorruptError when the bytes are no list. */
export function decodeEntries(packed: Uint8Array<ArrayBuffer>): LayerEntry[] {
  try {
    const text = Buffer.from(Bun.zstdDecompressSync(packed)).toString('latin1');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => decodeEntry(JSON.parse(line)));
  } catch (cause) {
    throw new CorruptError('a list of files is broken', { cause });
  }
}

/** Written by encodeEntry and by nobody else: enough to tell a file that was cut or is of another version. */
function decodeEntry(value: unknown): LayerEntry {
  if (!Array.isArray(value) || value.length !== 10 || value[0] !== version)
    throw new CorruptError('a line of another form');
  const [, path, kind, mode, uid, gid, size, mtime, link, content] = value as unknown as Line;
  return { path, kind: entryKinds[kind] ?? 'file', mode, uid, gid, size, mtime, link, content };
}
