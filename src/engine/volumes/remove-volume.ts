/** `volume rm`, and the end of an anonymous volume. */
import type { ContainerStore } from '../containers/container-store.ts';
import type { EventLog } from '../events.ts';
import type { VolumeStore } from './volume-store.ts';
import { volumeUsers } from './volume-users.ts';

export interface VolumeDependencies {
  readonly volumes: VolumeStore;
  readonly containers: Pick<ContainerStore, 'list'>;
  readonly events: EventLog;
}

/** @throws NotFoundError, ConflictError naming the containers that use it. */
export async function removeVolume(
  { volumes, containers, events }: VolumeDependencies,
  name: string,
): Promise<void> {
  await volumes.remove(name, volumeUsers(containers, name));
  events.publish('volume', 'destroy', name, { driver: 'local' });
}
