/** `volume create`, and the volumes that a container asks for. */
import type { EventLog } from '../events.ts';
import type { NewVolume, VolumeStore } from './volume-store.ts';

/** @param holder see VolumeStore.create. */
export async function createVolume(
  { volumes, events }: { readonly volumes: VolumeStore; readonly events: EventLog },
  request: NewVolume,
  holder?: string,
): ReturnType<VolumeStore['create']> {
  const created = await volumes.create(request, holder);
  if (created.isNew) events.publish('volume', 'create', created.volume.name, { driver: 'local' });
  return created;
}
