/**
 * The process that looks into a layer for the pages: reads the archive from standard input, and writes a list of all that it
 * holds, or the bytes of one file. Nothing is unpacked to disk. A process of its own, because an archive is hostile input and
 * takes a core for as long as it is read; it is bounded in time, in entries and in bytes.
 */
import { writeSync } from 'node:fs';
import { CorruptError, UnsupportedError } from '../../lib/errors.ts';
import { layerFailure } from '../../oci/layer/layer-failure.ts';
import { baseOf, layerPath, parentOf } from '../../oci/layer/layer-path.ts';
import { LayerSource } from '../../oci/layer/layer-source.ts';
import { type TarEntry, untar } from '../../oci/layer/untar.ts';
import { parseWhiteout } from '../../oci/layer/whiteout.ts';
import { withDeadline } from './deadline.ts';
import { encodeEntry, type LayerEntry } from './layer-entry.ts';

/** More of it than this is an attack, or nothing that a person would look through. */
const maxEntries = 200_000;
const maxListSize = 32 * 1024 * 1024;
/** PATH_MAX: no kernel has longer ones. */
const maxPath = 4096;
const maxMilliseconds = 60_000;

const [stdout, stderr] = [1, 2];

/** `argv`: `… @layer list` or `… @layer read PATH MAX-BYTES`. @returns the exit code; 1 with a LayerFailure on stderr. */
export function runLayerChild(argv: readonly string[] = process.argv): number {
  const [task, path = '', max = '0'] = argv.slice(argv.indexOf('@layer') + 1);
  // The bytes were compared with their digest when they came.
  const source = new LayerSource({ digests: false });
  try {
    const entries = bounded(untar(withDeadline(source.next, maxMilliseconds)));
    const answer = task === 'list' ? listEntries(entries) : readEntry(entries, path, Number(max));
    // An archive that was cut off ends early, too.
    if (source.failure) throw new CorruptError(source.failure.error);
    writeFully(answer);
    return 0;
  } catch (error) {
    writeSync(stderr, JSON.stringify(source.failure ?? layerFailure(error)));
    return 1;
  }
}

/** @throws UnsupportedError when there is too much of it. */
function* bounded(entries: Iterable<TarEntry>): Generator<TarEntry, void, undefined> {
  let count = 0;
  for (const entry of entries) {
    if (++count > maxEntries) throw new UnsupportedError('the layer holds too many files to be shown');
    if (Math.max(entry.name.length, entry.linkName.length) > maxPath)
      throw new UnsupportedError('the layer holds names too long to be shown');
    yield entry;
  }
}

function listEntries(entries: Iterable<TarEntry>): Uint8Array {
  const lines: Buffer[] = [];
  let size = 0;
  for (const entry of entries) {
    const described = describe(entry);
    if (!described) continue;
    const line = Buffer.from(encodeEntry(described), 'latin1');
    size += line.length;
    if (size > maxListSize) throw new UnsupportedError('the layer holds too many files to be shown');
    lines.push(line);
  }
  return Bun.zstdCompressSync(Buffer.concat(lines));
}

/** Undefined for what says nothing to others. */
function describe(entry: TarEntry): LayerEntry | undefined {
  const path = layerPath(entry.name);
  const whiteout = parseWhiteout(Buffer.from(baseOf(path), 'latin1'));
  const parent = parentOf(path);
  const plain = {
    mode: entry.mode,
    uid: entry.uid,
    gid: entry.gid,
    size: entry.size,
    mtime: entry.mtime.seconds,
    link: linkOf(entry),
    content: '',
  };
  if (whiteout.kind === 'aufs') return undefined;
  if (whiteout.kind === 'opaque') return { ...plain, path: parent, kind: 'opaque' };
  if (whiteout.kind === 'hide') {
    const hidden = (parent && `${parent}/`) + whiteout.name.toString('latin1');
    return { ...plain, path: hidden, kind: 'whiteout' };
  }
  return { ...plain, path, kind: entry.type, content: entry.type === 'file' ? digestOf(entry) : '' };
}

/** Of a hard link the path that it shares its file with. */
function linkOf(entry: TarEntry): string {
  return entry.type === 'link' ? layerPath(entry.linkName) : entry.linkName.toString('latin1');
}

/** Holes are not read: where they are is a part of what is digested. Processors have instructions for SHA-256. */
function digestOf(entry: TarEntry): string {
  const hasher = new Bun.CryptoHasher('sha256');
  if (entry.segments.length > 1) hasher.update(JSON.stringify(entry.segments));
  for (const chunk of entry.data()) hasher.update(chunk);
  return hasher.digest('base64url').slice(0, 22);
}

/** The last member of that path has it. @throws CorruptError when there is none. */
function readEntry(entries: Iterable<TarEntry>, path: string, max: number): Uint8Array {
  let found: Uint8Array | undefined;
  for (const entry of entries) {
    if (layerPath(entry.name) !== path || entry.type !== 'file') continue;
    found = firstBytes(entry, max);
  }
  if (!found) throw new CorruptError('the layer has no such file');
  return found;
}

function firstBytes(entry: TarEntry, max: number): Uint8Array {
  const parts: Buffer[] = [];
  let size = 0;
  for (const chunk of entry.content()) {
    const part = Buffer.from(chunk.subarray(0, max - size));
    parts.push(part);
    size += part.length;
    if (size === max) break;
  }
  return Buffer.concat(parts);
}

function writeFully(bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(stdout, bytes, done);
}
