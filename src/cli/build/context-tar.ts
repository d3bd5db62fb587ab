/**
 * A context as the tar that the engine is sent: owned by root, as docker sends it, times in whole seconds. Files are read
 * as the engine takes them; small ones whole, so that their size and their bytes agree.
 */
import { closeSync, fstatSync, openSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { read } from 'node:fs';
import { promisify } from 'node:util';
import { errnoOf, InvalidError } from '../../lib/errors.ts';
import { type TarMember, tar } from '../../oci/layer/tar.ts';
import { emptyHeader, type TarHeader, type TarType } from '../../oci/layer/tar-header.ts';
import { type ContextFile, type FileName, unreadable } from './context-files.ts';

/** A text that goes along though no file holds it: a Dockerfile from stdin. */
export interface ExtraFile {
  readonly path: string;
  readonly text: string;
}

/** The archive in chunks that are worth a write each. @throws InvalidError that names a file which cannot be read. */
export function contextTar(
  files: Iterable<ContextFile>,
  extras: readonly ExtraFile[],
): AsyncGenerator<Uint8Array, void, undefined> {
  return inBatches(tar(members(files, extras)), batchSize);
}

const batchSize = 256 * 1024;
/** Up to so many bytes a file is read in one go. */
const smallSize = 64 * 1024;

function* members(files: Iterable<ContextFile>, extras: readonly ExtraFile[]): Generator<TarMember> {
  const replaced = new Set(extras.map(({ path }) => path));
  const links = new Map<string, FileName>();
  for (const file of files) {
    if (replaced.has(file.path.toString())) continue;
    const member = linkMember(file, links) ?? memberOf(file);
    if (member) yield member;
  }
  for (const { path, text } of extras) {
    const content = Buffer.from(text);
    const header = { ...emptyHeader, name: Buffer.from(path), mode: 0o600, size: content.length };
    yield { header, content: [content] };
  }
}

/** A file under its second name. */
function linkMember({ path, stat }: ContextFile, links: Map<string, FileName>): TarMember | undefined {
  if (stat.nlink < 2 || !stat.isFile()) return undefined;
  const key = `${stat.dev} ${stat.ino}`;
  const linkName = links.get(key);
  if (linkName !== undefined) {
    return { header: { ...headerOf(path, 'link', stat), linkName: Buffer.from(linkName) } };
  }
  links.set(key, path);
  return undefined;
}

/** Undefined where the file has gone meanwhile. */
function memberOf(file: ContextFile): TarMember | undefined {
  const { path, place, stat } = file;
  try {
    if (stat.isFile()) return fileMember(file);
    if (stat.isDirectory()) {
      return { header: headerOf(Buffer.concat([Buffer.from(path), Buffer.from('/')]), 'directory', stat) };
    }
    if (stat.isSymbolicLink()) {
      const linkName = readlinkSync(place, { encoding: 'buffer' });
      return { header: { ...headerOf(path, 'symlink', stat), linkName } };
    }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw errnoOf(error) === undefined ? error : unreadable(place, error);
  }
  if (stat.isFIFO()) return { header: headerOf(path, 'fifo', stat) };
  const type = stat.isCharacterDevice() ? 'character' : 'block';
  return { header: { ...headerOf(path, type, stat), ...deviceOf(stat.rdev) } };
}

function fileMember({ path, place, stat }: ContextFile): TarMember {
  if (stat.size <= smallSize) {
    const content = readFileSync(place);
    return { header: { ...headerOf(path, 'file', stat), size: content.length }, content: [content] };
  }
  const descriptor = openSync(place, 'r');
  const { size } = fstatSync(descriptor);
  return { header: { ...headerOf(path, 'file', stat), size }, content: readFile(descriptor, size, place) };
}

const readInto = promisify(read);

/** Exactly `size` bytes: what was appended since is left out. @throws InvalidError where the file has become shorter. */
async function* readFile(descriptor: number, size: number, place: FileName): AsyncGenerator<Uint8Array> {
  try {
    for (let left = size; left > 0;) {
      const chunk = Buffer.allocUnsafe(Math.min(left, batchSize));
      const { bytesRead } = await readInto(descriptor, chunk, 0, chunk.length, null);
      if (bytesRead === 0) {
        throw new InvalidError(
          `error sending context: '${place.toString()}' became shorter while it was read`,
        );
      }
      left -= bytesRead;
      yield chunk.subarray(0, bytesRead);
    }
  } finally {
    closeSync(descriptor);
  }
}

function headerOf(name: FileName, type: TarType, { mode, mtimeMs }: Stats): TarHeader {
  const mtime = { seconds: Math.floor(mtimeMs / 1000), nanoseconds: 0 };
  return { ...emptyHeader, name: Buffer.from(name), type, mode: mode & 0o7777, mtime };
}

/** https://github.com/bminor/glibc/blob/master/bits/sysmacros.h */
function deviceOf(rdev: number): { major: number; minor: number } {
  return { major: (rdev >> 8) & 0xfff, minor: (rdev & 0xff) | ((rdev >> 12) & 0xfff00) };
}

/** Chunks put together until they are `size` bytes or more; a large one goes as it is. */
async function* inBatches(
  chunks: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let batch: Uint8Array[] = [];
  let held = 0;
  for await (const chunk of chunks) {
    batch.push(chunk);
    held += chunk.length;
    if (held < size) continue;
    yield batch.length === 1 ? chunk : Buffer.concat(batch);
    batch = [];
    held = 0;
  }
  if (held > 0) yield Buffer.concat(batch);
}
