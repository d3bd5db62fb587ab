/** /dev/shm of a container that shares it (`--ipc shareable`): a mount of the host's, which those that join it bind as well. */
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { detach, mount, mountFlags } from '../linux/mount.ts';
import type { ContainerPaths } from './container-paths.ts';
import { unmountSubpaths } from './mounts/subpath.ts';

const { noSuid, noDev, noExec } = mountFlags;

/** Takes the place of what an end that nobody saw has left. @param size bytes. */
export async function mountSharedMemory(paths: ContainerPaths, id: string, size: number): Promise<void> {
  const target = sharedMemory(paths, id);
  unmount(target);
  await mkdir(target, { recursive: true, mode: 0o1777 });
  mount({
    type: 'tmpfs',
    source: 'shm',
    target,
    flags: noSuid | noDev | noExec,
    options: `mode=1777,size=${size}`,
  });
}

export function sharedMemory(paths: ContainerPaths, id: string): string {
  return join(paths.bundle(id), 'shm');
}

/** The bundle goes, and what is mounted in it: those that have bound it keep it. Idempotent. */
export async function removeBundle(paths: ContainerPaths, id: string): Promise<void> {
  unmount(sharedMemory(paths, id));
  unmountSubpaths(paths.subpaths(id));
  await rm(paths.bundle(id), { recursive: true, force: true });
}

function unmount(target: string): void {
  if (!existsSync(target)) return;
  try {
    detach(target);
  } catch {
    // Nothing is mounted there.
  }
}
