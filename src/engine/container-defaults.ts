/** What a container gets that says nothing about it: from the settings file. */
import type { HostConfig } from '../engine-api/types.ts';
import { InvalidError } from '../lib/errors.ts';
import type { ConfigFile } from './config-file.ts';

export type ContainerDefaults = Pick<
  HostConfig,
  'LogConfig' | 'ShmSize' | 'Ulimits' | 'Init' | 'IpcMode' | 'CgroupnsMode'
>;

/** @throws InvalidError naming the key. */
export function readContainerDefaults(file: ConfigFile): ContainerDefaults {
  const ulimits = Object.entries(file['default-ulimits'] ?? {});
  return {
    LogConfig: { Type: file['log-driver'] ?? 'json-file', Config: file['log-opts'] ?? {} } as NonNullable<
      HostConfig['LogConfig']
    >,
    ...(file['default-shm-size'] !== undefined && { ShmSize: parseSize(file['default-shm-size']) }),
    ...(ulimits.length > 0 && {
      Ulimits: ulimits.map(([name, { Soft, Hard }]) => ({ Name: name, Soft, Hard })),
    }),
    ...(file.init !== undefined && { Init: file.init }),
    ...(file['default-ipc-mode'] && { IpcMode: file['default-ipc-mode'] }),
    ...(file['default-cgroupns-mode'] && { CgroupnsMode: file['default-cgroupns-mode'] }),
  };
}

/**
 * The request, with the defaults where it is silent. A log driver of the container's own keeps its own options; limits
 * are told apart by name.
 */
export function withDefaults(request: HostConfig, defaults: ContainerDefaults): HostConfig {
  const own = request.Ulimits ?? [];
  const names = new Set(own.map(({ Name }) => Name));
  const others = (defaults.Ulimits ?? []).filter(({ Name }) => !names.has(Name));
  const isPrivileged = request.Privileged === true;
  return {
    ...request,
    LogConfig: request.LogConfig?.Type
      ? request.LogConfig
      : withOptions(request.LogConfig, defaults.LogConfig),
    ...(others.length > 0 && { Ulimits: [...own, ...others] }),
    ...(!request.ShmSize && defaults.ShmSize !== undefined && { ShmSize: defaults.ShmSize }),
    ...(!request.IpcMode && defaults.IpcMode !== undefined && { IpcMode: defaults.IpcMode }),
    ...(!request.CgroupnsMode &&
      !isPrivileged &&
      defaults.CgroupnsMode !== undefined && { CgroupnsMode: defaults.CgroupnsMode }),
    ...(request.Init === undefined && defaults.Init !== undefined && { Init: defaults.Init }),
  };
}

function withOptions(
  own: HostConfig['LogConfig'],
  defaults: ContainerDefaults['LogConfig'],
): NonNullable<HostConfig['LogConfig']> {
  return { ...defaults, Config: { ...defaults?.Config, ...own?.Config } };
}

const units: Readonly<Record<string, number>> = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** `64M`, or bytes. */
function parseSize(value: string | number): number {
  const [, number, unit = 'b'] = /^(\d+(?:\.\d+)?)([bkmgt])?(?:i?b)?$/i.exec(String(value)) ?? [];
  if (number === undefined) throw new InvalidError(`default-shm-size: invalid size: '${value}'`);
  return Math.floor(Number(number) * (units[unit.toLowerCase()] ?? 1));
}
