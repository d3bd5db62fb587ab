/**
 * What a container changed, as `docker diff` lists it: added, changed, deleted, with the directories on the way.
 * What was copied up and is as it was before is no change.
 */
import type { FileStat } from '../linux/file.ts';
import { getXattr } from '../linux/xattr.ts';
import type { LowerDirectory } from './lower-directory.ts';
import { isDirectory } from './overlay-format.ts';
import type { Change, ChangeKind } from './snapshot-store.ts';
import {
  type UpperEntry,
  type UpperVisitor,
  ifStillThere,
  namesIn,
  pathIn,
  walkUpper,
} from './walk-upper.ts';

const modified = 0;
const added = 1;
const deleted = 2;

/** The changes of `upper` over `lower`, sorted by path. */
export function listChanges(upper: string, lower: LowerDirectory | undefined): Change[] {
  const visitor = new ChangeCollector();
  walkUpper(upper, lower, visitor);
  return visitor.changes
    .toSorted((a, b) => a.path.compare(b.path))
    .map(({ path, kind }) => ({ path: `/${path.toString()}`, kind }));
}

interface FoundChange {
  readonly path: Buffer;
  readonly kind: ChangeKind;
}

class ChangeCollector implements UpperVisitor {
  readonly changes: FoundChange[] = [];
  /** For each directory on the way: how many changes were known when it was entered. */
  readonly #before: number[] = [];

  enter(entry: UpperEntry): void {
    if (isDirectory(entry.stat)) this.#before.push(this.changes.length);
    const kind = kindOf(entry);
    if (kind !== undefined) this.changes.push({ path: entry.path, kind });
    if (isDirectory(entry.stat) && entry.isHiding && entry.lower?.directory) {
      this.#hidden(entry, entry.lower.directory);
    }
  }

  /** A directory with changes in it is listed itself, changed or not. */
  leave(entry: UpperEntry): void {
    const before = this.#before.pop() ?? 0;
    const first = this.changes[before];
    if (first && !first.path.equals(entry.path)) this.changes.push({ path: entry.path, kind: modified });
  }

  /** What a directory that hides the one below has no more of it. */
  #hidden(entry: UpperEntry, below: LowerDirectory): void {
    const names = new Set((namesIn(entry) ?? []).map((name) => name.toString('latin1')));
    for (const name of below.names()) {
      if (names.has(name.toString('latin1'))) continue;
      this.changes.push({ path: Buffer.concat([entry.path, Buffer.from('/'), name]), kind: deleted });
    }
  }
}

function kindOf(entry: UpperEntry): ChangeKind | undefined {
  const { lower, stat } = entry;
  if (entry.isWhiteout) return lower ? deleted : undefined;
  if (!lower) return added;
  return isSame(stat, lower.stat) && isSameCapability(entry, lower.path) ? undefined : modified;
}

/** As docker compares: neither size nor time says anything about a directory. */
function isSame(a: FileStat, b: FileStat): boolean {
  const isSameOwner = a.mode === b.mode && a.uid === b.uid && a.gid === b.gid;
  if (!isSameOwner || isDirectory(a)) return isSameOwner;
  const isSameTime = a.mtime.seconds === b.mtime.seconds && a.mtime.nanoseconds === b.mtime.nanoseconds;
  return isSameTime && a.size === b.size && a.major === b.major && a.minor === b.minor;
}

function isSameCapability(entry: UpperEntry, below: Buffer): boolean {
  const name = 'security.capability';
  const here = ifStillThere(() => getXattr(pathIn(entry.parent, entry.name), name));
  return Buffer.compare(here ?? none, getXattr(below, name) ?? none) === 0;
}

const none = Buffer.alloc(0);
