/**
 * What a client of an older API could not have meant is refused, or left as it was then.
 * https://docs.docker.com/reference/api/engine/version-history/
 */
import type { HostConfig, Mount } from '../../../engine-api/types.ts';
import { InvalidError } from '../../../lib/errors.ts';

type Options = 'BindOptions' | 'VolumeOptions' | 'TmpfsOptions';
const owners: Readonly<Record<Options, string>> = {
  VolumeOptions: 'volume',
  BindOptions: 'bind',
  TmpfsOptions: 'tmpfs',
};

/** @param version the minor one. @throws InvalidError in docker's words. */
export function mountsForVersion(hostConfig: HostConfig, version: number): HostConfig {
  if (!hostConfig.Mounts) return hostConfig;
  for (const mount of hostConfig.Mounts) refuseLater(mount, version);
  return { ...hostConfig, Mounts: hostConfig.Mounts.map((mount) => asThen(mount, version)) };
}

function refuseLater(mount: Mount, version: number): void {
  for (const [field, type] of version < 42 ? [] : Object.entries(owners)) {
    if (mount[field as Options] != null && mount.Type !== type) {
      throw new InvalidError(
        `${field} must not be specified on mount type ${JSON.stringify(mount.Type ?? '')}`,
      );
    }
  }
  if (version < 44 && mount.BindOptions?.ReadOnlyForceRecursive) {
    throw new InvalidError('BindOptions.ReadOnlyForceRecursive needs API v1.44 or newer');
  }
  if (version < 45 && mount.VolumeOptions?.Subpath) {
    throw new InvalidError('VolumeOptions.Subpath needs API v1.45 or newer');
  }
  if (version < 48 && mount.Type === 'image') {
    throw new InvalidError('Mount type "Image" needs API v1.48 or newer');
  }
}

function asThen(mount: Mount, version: number): Mount {
  if (version >= 42) return mount;
  const kept = Object.fromEntries(
    Object.entries(mount).filter(([field]) => {
      const owner = field === 'BindOptions' ? undefined : owners[field as Options];
      return owner === undefined || owner === mount.Type;
    }),
  ) as Mount;
  if (!kept.BindOptions) return kept;
  const { CreateMountpoint: _, NonRecursive: nonRecursive, ...bind } = kept.BindOptions;
  const since40 = version >= 40 && nonRecursive !== undefined ? { NonRecursive: nonRecursive } : {};
  return { ...kept, BindOptions: { ...bind, ...since40 } };
}

/** Before 1.44 a bind was read-only for itself alone. */
export function readsOnlyAtTop(version: number): boolean {
  return version < 44;
}

/** Docker's warning, where volumes of `--mount` take no notice of `--volume-driver`. */
export function volumeDriverWarnings(
  { VolumeDriver: driver, Mounts: mounts }: HostConfig,
  version: number,
): string[] {
  if (!driver || version < 48) return [];
  const isIgnored = ({ Type, VolumeOptions }: Mount) =>
    Type === 'volume' && !VolumeOptions?.DriverConfig?.Name;
  if (!(mounts ?? []).some(isIgnored)) return [];
  return [
    "WARNING: the container-wide volume-driver configuration is ignored for volumes specified via 'mount'. Use '--mount type=volume,volume-driver=...' instead",
  ];
}
