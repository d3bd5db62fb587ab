/** Which containers use a volume, running or not. */
import type { ContainerStore } from '../containers/container-store.ts';

/** @returns the containers' ids. */
export function volumeUsers(containers: Pick<ContainerStore, 'list'>, name: string): string[] {
  return containers
    .list()
    .filter(({ mounts }) => mounts.some((mount) => mount.Type === 'volume' && mount.Name === name))
    .map(({ id }) => id);
}
