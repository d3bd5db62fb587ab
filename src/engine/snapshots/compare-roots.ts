/**
 * How the files of one image differ from another's. Both trees are walked side by side, a directory at a time; what both
 * have from the same layer is not looked into. Times are left out: every build changes them. Contents decide.
 */
import { readSync } from 'node:fs';
import { fileTypes } from '../linux/device.ts';
import { type FileStat, closeFile, openFile, openFlags, readLink } from '../linux/file.ts';
import { AT_FDCWD } from '../linux/libc.ts';
import { getXattr } from '../linux/xattr.ts';
import { type ChangeWriter, changeOf, kinds, totalOf, weightOf } from './change-writer.ts';
import type { LowerDirectory, LowerEntry } from './lower-directory.ts';
import { isDirectory } from './overlay-format.ts';

/** Writes what `after` has changed, directories with changes in them included, as `docker diff` lists it. */
export function compareRoots(
  before: LowerDirectory | undefined,
  after: LowerDirectory | undefined,
  writer: ChangeWriter,
): void {
  new Comparison(writer).compare(Buffer.alloc(0), before, after);
  writer.flush();
}

interface Parent {
  readonly path: Buffer;
  isTold: boolean;
}

class Comparison {
  readonly #writer: ChangeWriter;
  /** The directories on the way: told once something in them is. */
  readonly #parents: Parent[] = [];

  constructor(writer: ChangeWriter) {
    this.#writer = writer;
  }

  compare(path: Buffer, before: LowerDirectory | undefined, after: LowerDirectory | undefined): void {
    if (before?.isSameAs(after) === true) return;
    for (const [name, old, now] of pairs(before, after)) {
      const below = path.length === 0 ? name : Buffer.concat([path, slash, name]);
      if (!now) this.#deleted(below, old);
      else this.#changed(below, old, now);
    }
  }

  #deleted(path: Buffer, entry: LowerEntry | undefined): void {
    if (!entry) return;
    const { size, entries } = totalOf(entry);
    const isDirectoryBelow = entry.directory !== undefined;
    this.#tell(kinds.deleted, path, {
      size,
      isDirectory: isDirectoryBelow,
      ...(isDirectoryBelow && { entries }),
    });
  }

  #changed(path: Buffer, old: LowerEntry | undefined, now: LowerEntry): void {
    if (old?.path.equals(now.path) === true && !now.directory) return;
    const isTold = !old || !isSameEntry(old, now);
    const weight = { size: weightOf(now.stat), isDirectory: now.directory !== undefined };
    if (isTold) this.#tell(old ? kinds.modified : kinds.added, path, weight);
    if (!now.directory) return;
    this.#parents.push({ path, isTold });
    this.compare(path, old?.directory, now.directory);
    this.#parents.pop();
  }

  #tell(
    kind: (typeof kinds)[keyof typeof kinds],
    path: Buffer,
    weight: { size: number; entries?: number; isDirectory: boolean },
  ): void {
    for (const parent of this.#parents) {
      if (parent.isTold) continue;
      parent.isTold = true;
      const change = changeOf(kinds.modified, parent.path, { size: 0, isDirectory: true });
      this.#writer.write({ Change: change });
    }
    this.#writer.write({ Change: changeOf(kind, path, weight) });
  }
}

const slash = Buffer.from('/');

type Pair = readonly [name: Buffer, before: LowerEntry | undefined, after: LowerEntry | undefined];

/** The entries of both, each name once, sorted by bytes. */
function* pairs(
  before: LowerDirectory | undefined,
  after: LowerDirectory | undefined,
): Generator<Pair, void, undefined> {
  const [olds, news] = [before?.entries(), after?.entries()];
  let [old, now] = [olds?.next().value, news?.next().value];
  while (old || now) {
    const order = !old ? 1 : !now ? -1 : old[0].compare(now[0]);
    yield [
      (order <= 0 ? old : now)?.[0] ?? slash,
      order <= 0 ? old?.[1] : undefined,
      order >= 0 ? now?.[1] : undefined,
    ];
    if (order <= 0) old = olds?.next().value;
    if (order >= 0) now = news?.next().value;
  }
}

type Placed = Pick<LowerEntry, 'path' | 'stat'>;

/** All but times; of a directory not what is in it. `path` is where an entry really is. */
export function isSameEntry(old: Placed, now: Placed): boolean {
  const [a, b] = [old.stat, now.stat];
  if (a.mode !== b.mode || a.uid !== b.uid || a.gid !== b.gid || a.major !== b.major || a.minor !== b.minor)
    return false;
  if (!isSameCapability(old.path, now.path)) return false;
  if (isDirectory(a)) return true;
  return a.size === b.size && isSameContent(a, old.path, now.path);
}

function isSameContent({ mode, size }: FileStat, a: Buffer, b: Buffer): boolean {
  const type = mode & fileTypes.mask;
  if (type === fileTypes.symlink) return readLink(AT_FDCWD, a).equals(readLink(AT_FDCWD, b));
  return type !== fileTypes.regular || size === 0 || haveSameBytes(a, b);
}

const [ours, theirs] = [Buffer.alloc(256 * 1024), Buffer.alloc(256 * 1024)];

function haveSameBytes(a: Buffer, b: Buffer): boolean {
  const first = openFile(AT_FDCWD, a, openFlags.read | openFlags.nonBlocking);
  try {
    const second = openFile(AT_FDCWD, b, openFlags.read | openFlags.nonBlocking);
    try {
      return isSameToTheEnd(first, second);
    } finally {
      closeFile(second);
    }
  } finally {
    closeFile(first);
  }
}

function isSameToTheEnd(first: number, second: number): boolean {
  for (;;) {
    const [size, other] = [fill(ours, first), fill(theirs, second)];
    if (size !== other || ours.compare(theirs, 0, size, 0, size) !== 0) return false;
    if (size < ours.length) return true;
  }
}

/** @returns how many bytes there were: fewer than the buffer takes only at the file's end. */
function fill(buffer: Buffer, file: number): number {
  let size = 0;
  while (size < buffer.length) {
    const count = readSync(file, buffer, size, buffer.length - size, null);
    if (count === 0) break;
    size += count;
  }
  return size;
}

function isSameCapability(a: Buffer, b: Buffer): boolean {
  const name = 'security.capability';
  return Buffer.compare(getXattr(a, name) ?? none, getXattr(b, name) ?? none) === 0;
}

const none = Buffer.alloc(0);
