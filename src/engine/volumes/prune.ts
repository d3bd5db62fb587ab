/** `volume prune`: what no container uses and the filters let go, with the space that it took. */
import type { Filters } from '../../engine-api/filters.ts';
import { ConflictError } from '../../lib/errors.ts';
import { directorySize } from './directory-size.ts';
import { removeVolume, type VolumeDependencies } from './remove-volume.ts';
import { volumePruneFilter } from './volume-filter.ts';
import { volumeUsers } from './volume-users.ts';

export interface PrunedVolumes {
  readonly VolumesDeleted: readonly string[];
  /** Bytes. */
  readonly SpaceReclaimed: number;
}

/** @param all named ones as well. */
export async function pruneVolumes(
  deps: VolumeDependencies,
  filters: Filters,
  all: boolean,
): Promise<PrunedVolumes> {
  const mayGo = volumePruneFilter(filters, all);
  const deleted: string[] = [];
  let space = 0;
  for (const volume of deps.volumes.list().filter(mayGo)) {
    if (volumeUsers(deps.containers, volume.name).length > 0) continue;
    const size = await directorySize(volume.mountpoint);
    try {
      await removeVolume(deps, volume.name);
    } catch (error) {
      // A container has taken it meanwhile.
      if (error instanceof ConflictError) continue;
      throw error;
    }
    space += size;
    deleted.push(volume.name);
  }
  deps.events.publish('volume', 'prune', '', { reclaimed: String(space) });
  return { VolumesDeleted: deleted, SpaceReclaimed: space };
}
