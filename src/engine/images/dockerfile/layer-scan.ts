/** What one layer changed, to be written as instructions: what it took away, and each file and directory it has. */
import { isSameEntry } from '../../snapshots/compare-roots.ts';
import type { FileStat } from '../../linux/file.ts';
import { fileTypes } from '../../linux/device.ts';
import type { LowerDirectory, LowerEntry } from '../../snapshots/lower-directory.ts';
import { hasMember, ownXattrs } from '../../snapshots/member-writer.ts';
import { isDirectory } from '../../snapshots/overlay-format.ts';
import { type UpperEntry, namesIn, walkUpper } from '../../snapshots/walk-upper.ts';

export interface ScannedEntry {
  /** Relative to the root: `etc/passwd`. */
  readonly path: Buffer;
  /** Where it really is. */
  readonly place: Buffer;
  readonly stat: FileStat;
}

export interface ScannedDirectory extends ScannedEntry {
  /** New, or not as it is below. */
  readonly isChanged: boolean;
}

export interface LayerScan {
  /** To be gone before the entries come: deleted, or of another kind. Relative to the root. */
  readonly removed: readonly Buffer[];
  /** All but directories, sorted by path; a directory stands before what is in it. */
  readonly entries: readonly ScannedEntry[];
  readonly directories: readonly ScannedDirectory[];
}

/** @param layer its directory. @param below the layers that it stands on. */
export function scanLayer(layer: string, below: LowerDirectory | undefined): LayerScan {
  const [removed, entries, directories]: [Buffer[], ScannedEntry[], ScannedDirectory[]] = [[], [], []];
  const root = Buffer.from(`${layer}/`);
  walkUpper(layer, below, {
    enter: (entry) => {
      const { path, stat, lower, isWhiteout, isHiding } = entry;
      if (isWhiteout) {
        if (lower && !isHiding) removed.push(path);
        return;
      }
      if (!hasMember(stat)) return;
      const scanned = { path, stat, place: Buffer.concat([root, path]) };
      if (lower && kindOf(lower.stat) !== kindOf(stat)) removed.push(path);
      if (isDirectory(stat)) {
        directories.push({ ...scanned, isChanged: isChangedDirectory(scanned, lower) });
        removed.push(...hiddenIn(entry));
      } else if (!lower || !isAsBelow(scanned, lower)) entries.push(scanned);
    },
  });
  return { removed, entries, directories };
}

/** Everything in a directory of several layers, as it shows. */
export function* scanView(view: LowerDirectory, path: Buffer): Generator<ScannedEntry, void, undefined> {
  for (const [name, entry] of view.entries()) {
    const below = path.length === 0 ? name : Buffer.concat([path, slash, name]);
    if (!hasMember(entry.stat)) continue;
    yield { path: below, place: entry.path, stat: entry.stat };
    if (entry.directory) yield* scanView(entry.directory, below);
  }
}

function kindOf({ mode }: FileStat): number {
  return mode & fileTypes.mask;
}

/** What an opaque directory has no more of the one below. */
function hiddenIn(entry: UpperEntry): Buffer[] {
  if (!entry.isHiding || !entry.lower?.directory) return [];
  const names = new Set((namesIn(entry) ?? []).map((name) => name.toString('latin1')));
  return entry.lower.directory
    .names()
    .filter((name) => !names.has(name.toString('latin1')))
    .map((name) => Buffer.concat([entry.path, slash, name]));
}

/** A file with several names is never taken for one of a layer below: that has other names. */
function isAsBelow({ place, stat }: ScannedEntry, lower: LowerEntry): boolean {
  if (stat.links > 1 || !isSameEntry(lower, { path: place, stat })) return false;
  return Bun.deepEquals(ownXattrs(place), ownXattrs(lower.path));
}

function isChangedDirectory({ stat, place }: ScannedEntry, lower: LowerEntry | undefined): boolean {
  if (!lower?.directory) return true;
  const old = lower.stat;
  if (old.mode !== stat.mode || old.uid !== stat.uid || old.gid !== stat.gid) return true;
  return !Bun.deepEquals(ownXattrs(place), ownXattrs(lower.path));
}

const slash = Buffer.from('/');
