/** A volume in the JSON of Docker's API. */
import type { Volume } from '../../engine-api/types.ts';
import type { VolumeRecord } from './volume-store.ts';

export function presentVolume(volume: VolumeRecord): Volume {
  return {
    CreatedAt: volume.created,
    Driver: 'local',
    // Go's null for a map that nobody made.
    Labels: volume.labels as Volume['Labels'],
    Mountpoint: volume.mountpoint,
    Name: volume.name,
    Options: volume.options as Volume['Options'],
    Scope: 'local',
  };
}
