/**
 * What lies under the layers of every container: the mountpoints that a runtime needs, empty. An image has them or it
 * does not; where it does, its own are on top. Without it the runtime would make them in the container's writable
 * directory, where diff and commit would take them for changes.
 */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from '../../lib/errors.ts';

/** Paths relative to the root, parents first. */
export interface Ground {
  readonly directories: readonly string[];
  readonly files: readonly string[];
  /** What each link points at. */
  readonly links: Readonly<Record<string, string>>;
}

export const mountpoints: Ground = {
  directories: ['dev', 'dev/pts', 'dev/shm', 'etc', 'proc', 'sys'],
  files: ['dev/console', 'etc/hostname', 'etc/hosts', 'etc/resolv.conf'],
  links: { 'etc/mtab': '/proc/mounts' },
};

/** Makes the directory and all in it. Idempotent. */
export function makeGround(root: string, { directories, files, links }: Ground): void {
  mkdirSync(root, { recursive: true, mode: 0o755 });
  for (const path of directories) unlessThere(() => mkdirSync(join(root, path), { mode: 0o755 }));
  for (const path of files)
    unlessThere(() => writeFileSync(join(root, path), '', { flag: 'wx', mode: 0o755 }));
  for (const [path, target] of Object.entries(links)) {
    unlessThere(() => symlinkSync(target, join(root, path)));
  }
}

function unlessThere(make: () => void): void {
  try {
    make();
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
}
