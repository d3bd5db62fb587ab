/** A directory in memory: for secrets, and for a root in which others are put together. */
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { detach, mount, mountFlags } from '../linux/mount.ts';

/** @param directory is made. @param stack takes it away. @returns the directory. */
export function mountMemory(directory: string, stack: AsyncDisposableStack): string {
  mkdirSync(directory, { recursive: true, mode: 0o711 });
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  mount({
    type: 'tmpfs',
    source: 'tmpfs',
    target: directory,
    flags: mountFlags.noSuid | mountFlags.noDev,
    options: 'mode=711',
  });
  stack.defer(() => detach(directory));
  return directory;
}
