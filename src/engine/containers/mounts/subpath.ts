/**
 * Paths inside volumes and images. Whoever writes there may put links in the way at any time: the kernel looks the path
 * up once, never leaving the root, and what it finds is mounted by its descriptor where nobody else writes.
 */
import { mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errnoOf, InvalidError, NotFoundError } from '../../../lib/errors.ts';
import { closeFile, openFlags, statFile } from '../../linux/file.ts';
import { AT_FDCWD, check, cString, libc } from '../../linux/libc.ts';
import { attachMount, copyOpenMount, openBeneath } from '../../linux/mount-tree.ts';
import { detach } from '../../linux/mount.ts';
import { isDirectory } from '../../snapshots/overlay-format.ts';

/** Mounts what is at `subpath` on `target`, which is made for it. @throws NotFoundError, InvalidError in docker's words. */
export function mountSubpath(root: string, subpath: string, target: string): void {
  const file = openSubpath(root, subpath);
  try {
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    if (isDirectory(statFile(file, ''))) mkdirSync(target, { mode: 0o700 });
    else writeFileSync(target, '', { mode: 0o600 });
    const tree = copyOpenMount(file, { recursive: true });
    const place = open(target);
    attachMount(tree, place);
    closeFile(place);
    closeFile(tree);
  } finally {
    closeFile(file);
  }
}

/** @returns a descriptor. @throws NotFoundError, InvalidError in docker's words. */
function openSubpath(root: string, subpath: string): number {
  const directory = open(root);
  try {
    return openBeneath(directory, subpath);
  } catch (error) {
    if (errnoOf(error) === 'EXDEV') {
      throw new InvalidError(
        `path concatenation escapes the base directory, base: ${root}, subpath: ${subpath}`,
        { cause: error },
      );
    }
    throw new NotFoundError(`cannot access path ${join(root, subpath)}: ${reasonOf(error)}`, {
      cause: error,
    });
  } finally {
    closeFile(directory);
  }
}

function reasonOf(error: unknown): string {
  const code = errnoOf(error);
  if (code === 'ENOENT') return 'no such file or directory';
  return code === 'ENOTDIR' ? 'not a directory' : String(code);
}

/** Takes away all that `mountSubpath` has put below a directory, and the directory. Idempotent. */
export function unmountSubpaths(directory: string): void {
  for (const name of namesIn(directory)) {
    const target = join(directory, name);
    try {
      detach(target);
    } catch {
      // Nothing was mounted there yet.
    }
    removePlace(target);
  }
  if (namesIn(directory).length === 0) removePlace(directory);
}

/** Empty either way: what is in it still would be the volume's. */
function removePlace(target: string): void {
  try {
    rmdirSync(target);
  } catch (error) {
    if (errnoOf(error) === 'ENOTDIR') rmSync(target, { force: true });
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function open(path: string): number {
  return check(libc.openat(AT_FDCWD, cString(path), openFlags.path | openFlags.closeOnExec, 0), 'open', path);
}
