/** What changed between two trees of files. */
import { parentOf } from '../../oci/layer/layer-path.ts';
import type { ImageTree, TreeEntry } from './image-tree.ts';

export interface FileChange {
  readonly path: string;
  readonly kind: 'added' | 'changed' | 'removed';
  readonly before: TreeEntry | undefined;
  readonly after: TreeEntry | undefined;
}

/**
 * Sorted by path, as bytes. A directory that came or went as a whole is one change; one whose own attributes are as before is
 * none.
 */
export function compareTrees(before: ImageTree, after: ImageTree): readonly FileChange[] {
  const changes: FileChange[] = [];
  for (const entry of after.entries()) {
    const old = before.get(entry.path);
    if (!old) {
      if (isIn(before, parentOf(entry.path)))
        changes.push({ path: entry.path, kind: 'added', before: undefined, after: entry });
    } else if (!isSame(old, entry)) {
      changes.push({ path: entry.path, kind: 'changed', before: old, after: entry });
    }
  }
  for (const entry of before.entries()) {
    if (after.get(entry.path) || !isIn(after, parentOf(entry.path))) continue;
    changes.push({ path: entry.path, kind: 'removed', before: entry, after: undefined });
  }
  return changes.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** Something new in what is new itself is not told apart. */
function isIn(tree: ImageTree, path: string): boolean {
  return tree.get(path) !== undefined;
}

/** Times are left out: every build changes them. */
function isSame(a: TreeEntry, b: TreeEntry): boolean {
  const isSameEntry = a.kind === b.kind && a.mode === b.mode && a.uid === b.uid && a.gid === b.gid;
  if (!isSameEntry || a.kind === 'directory') return isSameEntry;
  return a.kind === 'file' ? a.size === b.size && a.content === b.content : a.link === b.link;
}
