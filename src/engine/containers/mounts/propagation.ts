/** Mounts that are passed on between host and container need a source that passes them on. */
import { realpathSync } from 'node:fs';
import { UnavailableError } from '../../../lib/errors.ts';
import { type MountInfo, mountOf } from '../../linux/mount-info.ts';
import type { ContainerMount } from './container-mount.ts';
import { touchesRoot } from './own-root.ts';

/**
 * How the bind is propagated. A slave that the engine chose itself gives way where the source is private.
 * @param root the engine's own directory. @throws UnavailableError in docker's words.
 */
export function checkedPropagation(
  { Source: source = '', Propagation: propagation = '', manner }: ContainerMount,
  root: string,
): string {
  const isShared = propagation.endsWith('shared');
  if (!isShared && !propagation.endsWith('slave')) return propagation;
  const mount = mountOf(realpathSync(source));
  if (passesOn(mount, isShared ? ['shared:'] : ['shared:', 'master:'])) return propagation;
  if (!isShared && manner?.propagationGiven !== true && touchesRoot(source, root)) return 'rprivate';
  const wanted = isShared ? 'shared' : 'shared or slave';
  throw new UnavailableError(
    `path ${source} is mounted on ${mount?.mountPoint ?? '/'} but it is not a ${wanted} mount`,
  );
}

function passesOn(mount: MountInfo | undefined, kinds: readonly string[]): boolean {
  return (mount?.propagation ?? []).some((field) => kinds.some((kind) => field.startsWith(kind)));
}
