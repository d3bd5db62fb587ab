/**
 * Walks a container's writable directory while the container may be running in it: every directory is opened by its
 * name in its parent's descriptor, and no link is followed, so nothing that is swapped meanwhile leads out of it.
 */
import { errnoOf } from '../../lib/errors.ts';
import { type FileStat, closeFile, openDirectory, readNames, statFile } from '../linux/file.ts';
import { AT_FDCWD } from '../linux/libc.ts';
import type { LowerDirectory, LowerEntry } from './lower-directory.ts';
import { isDirectory, isOpaque, isWhiteout } from './overlay-format.ts';

/** One entry of the upper directory, and what the layers below have at its place. */
export interface UpperEntry {
  /** Relative to the root: `etc/passwd`. */
  readonly path: Buffer;
  readonly name: Buffer;
  /** The open directory that holds the entry. */
  readonly parent: number;
  readonly stat: FileStat;
  readonly lower: LowerEntry | undefined;
  /** What it is: something, or the absence of what is below. */
  readonly isWhiteout: boolean;
  /** A directory marked as hiding what is below it. Only where nothing above it does so already. */
  readonly isOpaque: boolean;
  /** True when what is below doesn't show: the directory itself or one above it is opaque. */
  readonly isHiding: boolean;
}

export interface UpperVisitor {
  /** Called for a directory before its entries; entries come sorted by the bytes of their names. */
  enter(entry: UpperEntry): void;
  /** Called for a directory after its entries. */
  leave?(entry: UpperEntry): void;
}

/** Visits everything below `upper`. */
export function walkUpper(upper: string, lower: LowerDirectory | undefined, visitor: UpperVisitor): void {
  const root = openDirectory(AT_FDCWD, upper);
  try {
    walk({ directory: root, path: Buffer.alloc(0), lower, isHidden: false }, visitor);
  } finally {
    closeFile(root);
  }
}

interface Place {
  readonly directory: number;
  readonly path: Buffer;
  readonly lower: LowerDirectory | undefined;
  readonly isHidden: boolean;
}

function walk(place: Place, visitor: UpperVisitor): void {
  for (const name of readNames(place.directory).toSorted((a, b) => a.compare(b))) {
    const entry = describe(place, name);
    if (!entry) continue;
    visitor.enter(entry);
    if (!isDirectory(entry.stat)) continue;
    const directory = ifStillThere(() => openDirectory(place.directory, name));
    if (directory !== undefined) {
      try {
        const lower = entry.lower?.directory;
        walk({ directory, path: entry.path, lower, isHidden: entry.isHiding }, visitor);
      } finally {
        closeFile(directory);
      }
    }
    visitor.leave?.(entry);
  }
}

function describe(place: Place, name: Buffer): UpperEntry | undefined {
  const parent = place.directory;
  const stat = ifStillThere(() => statFile(parent, name));
  if (!stat) return undefined;
  const isMarked = isDirectory(stat) && ifStillThere(() => isOpaque(pathIn(parent, name))) === true;
  return {
    path: place.path.length === 0 ? name : Buffer.concat([place.path, Buffer.from('/'), name]),
    name,
    parent,
    stat,
    lower: place.lower?.entry(name),
    isWhiteout: isWhiteout(stat),
    isOpaque: isMarked && !place.isHidden,
    isHiding: isMarked || place.isHidden,
  };
}

/** What a directory of the upper one holds itself; undefined when it is gone. */
export function namesIn(entry: UpperEntry): Buffer[] | undefined {
  const directory = ifStillThere(() => openDirectory(entry.parent, entry.name));
  if (directory === undefined) return undefined;
  try {
    return readNames(directory);
  } finally {
    closeFile(directory);
  }
}

/** A path for calls that take no descriptor of a directory. */
export function pathIn(parent: number, name: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`/proc/self/fd/${parent}/`), name]);
}

/** Runs a step on an entry that may vanish or change its kind at any time; undefined when it did. */
export function ifStillThere<T>(step: () => T): T | undefined {
  try {
    return step();
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return undefined;
    throw error;
  }
}
