/**
 * A directory as the layers below show it, found without a mount: what is on top wins, whiteouts hide, opaque
 * directories end the search. Follows no link, so that it can be asked about any path of a hostile layer.
 */
import { errnoOf } from '../../lib/errors.ts';
import { type FileStat, closeFile, openDirectory, readNames, statFile } from '../linux/file.ts';
import { AT_FDCWD } from '../linux/libc.ts';
import { isDirectory, isOpaque, isWhiteout } from './overlay-format.ts';

export interface LowerEntry {
  /** Where the entry really is. */
  readonly path: Buffer;
  readonly stat: FileStat;
  /** For a directory: all that its layers put into it. */
  readonly directory?: LowerDirectory;
}

export class LowerDirectory {
  readonly #paths: readonly Buffer[];

  /** @param paths the directories that are merged, topmost first; all exist and are directories. */
  constructor(paths: readonly Buffer[]) {
    this.#paths = paths;
  }

  /** The roots of layers, topmost first, or undefined where there are none. */
  static ofLayers(directories: readonly string[]): LowerDirectory | undefined {
    return directories.length === 0
      ? undefined
      : new LowerDirectory(directories.map((directory) => Buffer.from(directory)));
  }

  /** The topmost directory, whose owner, mode and attributes show. */
  get path(): Buffer {
    return this.#paths[0] ?? Buffer.alloc(0);
  }

  entry(name: Buffer): LowerEntry | undefined {
    const merged: Buffer[] = [];
    let top: { path: Buffer; stat: FileStat } | undefined;
    for (const directory of this.#paths) {
      const path = join(directory, name);
      const stat = statIfThere(path);
      if (!stat) continue;
      if (isWhiteout(stat) || (top && !isDirectory(stat))) break;
      top ??= { path, stat };
      if (!isDirectory(stat)) break;
      merged.push(path);
      if (isOpaque(path)) break;
    }
    return top && { ...top, ...(merged.length > 0 && { directory: new LowerDirectory(merged) }) };
  }

  /** The entry at a path of several parts. */
  find(path: Buffer): LowerEntry | undefined {
    const [first, ...rest] = splitPath(path);
    let found = first && this.entry(first);
    for (const part of rest) found = found?.directory?.entry(part);
    return found;
  }

  /** What shows, sorted by the bytes of the names. */
  *entries(): Generator<readonly [name: Buffer, entry: LowerEntry], void, undefined> {
    const seen = new Map<string, Buffer>();
    for (const directory of this.#paths) {
      for (const name of namesIn(directory)) seen.set(name.toString('latin1'), name);
    }
    for (const name of [...seen.values()].toSorted((a, b) => a.compare(b))) {
      const entry = this.entry(name);
      if (entry) yield [name, entry];
    }
  }

  /** The names that show. */
  names(): Buffer[] {
    return Array.from(this.entries(), ([name]) => name);
  }

  /** True when both are merged of the same directories: then all below them is the same, too. */
  isSameAs(other: LowerDirectory | undefined): boolean {
    if (!other || other.#paths.length !== this.#paths.length) return false;
    const theirs = other.#paths;
    return this.#paths.every((path, index) => theirs[index]?.equals(path) === true);
  }
}

export function join(directory: Buffer, name: Buffer): Buffer {
  return Buffer.concat([directory, slash, name]);
}

const slash = Buffer.from('/');

function splitPath(path: Buffer): Buffer[] {
  return path
    .toString('latin1')
    .split('/')
    .map((part) => Buffer.from(part, 'latin1'));
}

function namesIn(directory: Buffer): Buffer[] {
  const file = openDirectory(AT_FDCWD, directory);
  try {
    return readNames(file);
  } finally {
    closeFile(file);
  }
}

export function statIfThere(path: Buffer): FileStat | undefined {
  try {
    return statFile(AT_FDCWD, path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}
