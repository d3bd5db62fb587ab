/**
 * How what a layer has is brought into an image: ordinary files by COPY, a tree for each owner, which people can read,
 * change and keep in git; what COPY cannot carry, or a checkout would lose, in an archive for ADD.
 */
import { fileTypes } from '../../linux/device.ts';
import type { FileStat } from '../../linux/file.ts';
import { readLink } from '../../linux/file.ts';
import { AT_FDCWD } from '../../linux/libc.ts';
import { ownXattrs } from '../../snapshots/member-writer.ts';
import type { LayerScan, ScannedDirectory, ScannedEntry } from './layer-scan.ts';

interface FileTree {
  readonly uid: number;
  readonly gid: number;
  readonly entries: readonly ScannedEntry[];
}

export interface LayerPlan {
  /** Root's first. */
  readonly trees: readonly FileTree[];
  /** Parents before what is in them; unpacked after the trees were copied. */
  readonly archive: readonly ScannedEntry[];
}

/** Owners beyond this have no tree of their own. */
const maxTrees = 6;

/** @param isLeft directories that need not be brought, where nothing else is. */
export function planLayer(
  { entries, directories }: Pick<LayerScan, 'entries' | 'directories'>,
  isLeft: (directory: ScannedDirectory) => boolean = () => false,
): LayerPlan {
  const isLinked = linkedFiles(entries);
  const trees = new Map<string, { uid: number; gid: number; entries: ScannedEntry[] }>();
  const archive: ScannedEntry[] = [];
  for (const entry of entries) {
    const { uid, gid } = entry.stat;
    const tree = trees.get(`${uid}:${gid}`) ?? { uid, gid, entries: [] };
    if (isLinked(entry.stat) || !isOrdinary(entry) || (tree.entries.length === 0 && trees.size >= maxTrees)) {
      archive.push(entry);
      continue;
    }
    tree.entries.push(entry);
    trees.set(`${uid}:${gid}`, tree);
  }
  const all = [...trees.values()].toSorted((a, b) => a.uid - b.uid || a.gid - b.gid);
  archive.push(...directories.filter(needsArchive(all, isLeft)));
  return { trees: all, archive: archive.toSorted((a, b) => a.path.compare(b.path)) };
}

/**
 * A tree makes the directories on its way 0755 and its owner's, those that are there already too (dockerd does): each
 * that is to be anything else comes once more.
 */
function needsArchive(
  trees: readonly FileTree[],
  isLeft: (directory: ScannedDirectory) => boolean,
): (directory: ScannedDirectory) => boolean {
  const [byRoot, byOthers] = [new Set<string>(), new Set<string>()];
  for (const { uid, gid, entries } of trees) {
    const passed = uid === 0 && gid === 0 ? byRoot : byOthers;
    for (const { path } of entries) for (const parent of parentsOf(path)) passed.add(parent);
  }
  return (directory) => {
    const path = directory.path.toString('latin1');
    if (byOthers.has(path)) return true;
    if (byRoot.has(path)) return !isPlainDirectory(directory);
    return directory.isChanged && !isLeft(directory);
  };
}

/** In latin1, innermost first. */
export function parentsOf(path: Buffer): string[] {
  const text = path.toString('latin1');
  const parents: string[] = [];
  for (let at = text.lastIndexOf('/'); at > 0; at = text.lastIndexOf('/', at - 1))
    parents.push(text.slice(0, at));
  return parents;
}

export function isPlainDirectory({ stat, place }: ScannedEntry): boolean {
  return (stat.mode & 0o7777) === 0o755 && stat.uid === 0 && stat.gid === 0 && ownXattrs(place).size === 0;
}

/** A file or a link that a checkout of git keeps as it is. */
export function isOrdinary({ path, place, stat }: ScannedEntry): boolean {
  if (!isText(path)) return false;
  const type = stat.mode & fileTypes.mask;
  if (type === fileTypes.symlink) {
    return stat.uid === 0 && stat.gid === 0 && isText(readLink(AT_FDCWD, place));
  }
  if (type !== fileTypes.regular) return false;
  const mode = stat.mode & 0o7777;
  return (mode === 0o644 || mode === 0o755) && ownXattrs(place).size === 0;
}

function isText(bytes: Buffer): boolean {
  const text = bytes.toString();
  // oxlint-disable-next-line no-control-regex
  return !/[\u0000-\u001f\u007f]/.test(text) && Buffer.from(text).equals(bytes);
}

/** Files that have two names among the entries at least. */
function linkedFiles(entries: readonly ScannedEntry[]): (stat: FileStat) => boolean {
  const identity = ({ device, inode }: FileStat): string => `${device}:${inode}`;
  const seen = new Map<string, number>();
  for (const { stat } of entries) {
    if (stat.links > 1) seen.set(identity(stat), (seen.get(identity(stat)) ?? 0) + 1);
  }
  return (stat) => stat.links > 1 && (seen.get(identity(stat)) ?? 0) > 1;
}
