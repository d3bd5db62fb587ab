/** A volume in the JSON of Docker's API. */
import type { Volume } from '../../engine-api/types.ts';
import type { VolumeRecord } from './volume-store.ts';

export function presentVolume(volume: VolumeRecord): Volume {
  return {
    Name: volume.name,
    Driver: 'local',
    Mountpoint: volume.mountpoint,
    CreatedAt: volume.created,
    Labels: { ...volume.labels },
    Scope: 'local',
    Options: { ...volume.options },
  };
}
