/** A volume in the JSON of Docker's API. */
import type { Volume } from '../../engine-api/types.ts';
import type { VolumeRecord } from './volume-store.ts';

export function presentVolume(volume: VolumeRecord): Volume {
  return {
    CreatedAt: volume.created,
    Driver: 'local',
    Labels: presentMap(volume.labels),
    Mountpoint: volume.mountpoint,
    Name: volume.name,
    Options: presentMap(volume.options),
    Scope: 'local',
  };
}

/** As Go writes a map: sorted, and null where nobody made one. */
function presentMap(map: Readonly<Record<string, string>> | null): Record<string, string> {
  const sorted = map && Object.fromEntries(Object.entries(map).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return sorted as Record<string, string>;
}
