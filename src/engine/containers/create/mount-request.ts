/** `-v`, `--mount` and an image's VOLUMEs read into lists; what exists where is decided by mounts/realize.ts. Pure. */
import type { ContainerConfig, HostConfig } from '../../../engine-api/types.ts';
import { InvalidError, messageOf } from '../../../lib/errors.ts';
import { assertAbsolute, assertNotRoot, cleanPath } from './mount-path.ts';
import { parseBind } from './parse-bind.ts';
import { type MountRequest, parseMount } from './parse-mount.ts';

export interface MountRequests {
  /** In the order of their precedence: a target occurs once. */
  readonly asked: readonly MountRequest[];
  /** Where a volume without a name goes, unless something is there. */
  readonly anonymous: readonly MountRequest[];
}

/** @throws InvalidError in docker's words. */
export function mountRequests(config: ContainerConfig, hostConfig: HostConfig): MountRequests {
  const mounts = (hostConfig.Mounts ?? []).map(parseMount);
  const binds = (hostConfig.Binds ?? []).map((text) => parseBind(text, hostConfig.VolumeDriver));
  const tmpfs = Object.keys(hostConfig.Tmpfs ?? {});
  for (const target of tmpfs) {
    assertNotRoot(target);
    assertAbsolute(target);
  }
  const targets = new Set(tmpfs.map(cleanPath));
  for (const { target } of [...binds, ...mounts]) {
    if (targets.has(target)) throw new InvalidError(`Duplicate mount point: ${target}`);
    targets.add(target);
  }
  const anonymous = Object.keys(config.Volumes ?? {})
    .map((target) => volumeAt(target, hostConfig.VolumeDriver))
    .filter(({ target }) => !targets.has(target));
  return { asked: [...binds, ...mounts].map(labelled), anonymous };
}

/** To SELinux a volume is shared among containers, unless it is said otherwise: docker shows that everywhere. */
function labelled(request: MountRequest): MountRequest {
  return request.type === 'volume' && request.mode === '' ? { ...request, mode: 'z' } : request;
}

function volumeAt(target: string, driver: string | undefined): MountRequest {
  try {
    return parseMount({
      Type: 'volume',
      Target: target,
      ...(driver && { VolumeOptions: { DriverConfig: { Name: driver } } }),
    });
  } catch (error) {
    throw new InvalidError(`invalid volume specification: '${target}': ${messageOf(error)}`, {
      cause: error,
    });
  }
}
