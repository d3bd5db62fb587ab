/** From the flags of `create` and `run` to the body of POST /containers/create. Only what was asked for is sent. */
import { readFileSync } from 'node:fs';
import type {
  ContainerConfig,
  HealthConfig,
  HostConfig,
  NetworkingConfig,
  RestartPolicy,
} from '../../../engine-api/types.ts';
import { InvalidError, messageOf } from '../../../lib/errors.ts';
import type { FlagValues } from '../../flags.ts';
import type { createFlags } from './create-flags.ts';
import { parseDevice, requireMacAddress, splitOnce } from './create-values.ts';
import { filled } from './filled.ts';
import { readEnvironment, readLabels, toMap } from './env.ts';
import { endpointsOf } from './endpoints.ts';
import { checkNamespaceModes } from './namespace-modes.ts';
import { sortVolumes } from './volume.ts';
import { parsePorts } from './ports.ts';

export type CreateFlags = FlagValues<typeof createFlags>;

export interface CreateBody extends ContainerConfig {
  HostConfig: HostConfig;
  NetworkingConfig: NetworkingConfig;
}

/**
 * @param isAttached whether this client will attach: `run` without -d.
 * @throws InvalidError in docker's words, before anything is asked of the engine.
 */
export function createBody(
  flags: CreateFlags,
  given: ReadonlySet<string>,
  args: readonly string[],
  variables: Readonly<Record<string, string | undefined>>,
  isAttached: boolean,
): CreateBody {
  checkNamespaceModes(flags);
  if (flags['mac-address'] !== undefined) requireMacAddress(flags['mac-address']);
  const ports = parsePorts(flags.publish, flags.expose);
  const volumes = sortVolumes(flags.volume);
  return {
    ...process(flags, given, args),
    ...streams(flags, isAttached),
    Env: [...readEnvironment(flags['env-file'], flags.env, variables)],
    Labels: readLabels(flags['label-file'], flags.label),
    ...healthcheck(flags),
    ...filled({ ExposedPorts: ports.exposed, Volumes: toSet(volumes.anonymous) }),
    HostConfig: {
      ...resources(flags, given),
      ...isolation(flags),
      ...security(flags),
      ...storage(flags, volumes.binds),
      ...filled({ PortBindings: ports.bindings }),
      PublishAllPorts: flags['publish-all'],
      AutoRemove: flags.rm,
      RestartPolicy: parseRestartPolicy(flags.restart),
      NetworkMode: flags.network[0]?.name ?? 'default',
      ...names(flags),
    },
    NetworkingConfig: { EndpointsConfig: endpointsOf(flags) },
  };
}

function toSet(keys: readonly string[]): Record<string, Record<string, never>> {
  return Object.fromEntries(keys.map((key) => [key, {}]));
}

function process(
  flags: CreateFlags,
  given: ReadonlySet<string>,
  [image = '', ...command]: readonly string[],
) {
  return {
    Image: image,
    ...filled({
      Cmd: command,
      Hostname: flags.hostname,
      Domainname: flags.domainname,
      User: flags.user,
      WorkingDir: flags.workdir,
      StopSignal: flags['stop-signal'],
      StopTimeout: flags['stop-timeout'],
      MacAddress: flags['mac-address'],
    }),
    // An empty entry point is meant: it takes the image's away.
    ...(given.has('entrypoint') && { Entrypoint: [flags.entrypoint ?? ''] }),
  };
}

function streams(flags: CreateFlags, isAttached: boolean) {
  const wants = (stream: string) => flags.attach.length === 0 || flags.attach.includes(stream);
  const stdin = isAttached && (flags.interactive || flags.attach.includes('stdin'));
  return {
    Tty: flags.tty,
    OpenStdin: flags.interactive,
    StdinOnce: flags.interactive && stdin,
    AttachStdin: stdin,
    AttachStdout: isAttached && wants('stdout'),
    AttachStderr: isAttached && wants('stderr'),
  };
}

function healthcheck(flags: CreateFlags): { Healthcheck?: HealthConfig } {
  const numbers = [
    'health-interval',
    'health-timeout',
    'health-start-period',
    'health-start-interval',
    'health-retries',
  ] as const;
  const negative = numbers.find((name) => (flags[name] ?? 0) < 0);
  if (negative !== undefined) throw new InvalidError(`--${negative} cannot be negative`);
  const health = filled({
    Interval: flags['health-interval'],
    Timeout: flags['health-timeout'],
    StartPeriod: flags['health-start-period'],
    StartInterval: flags['health-start-interval'],
    Retries: flags['health-retries'],
    Test: flags['health-cmd'] ? ['CMD-SHELL', flags['health-cmd']] : undefined,
  });
  if (!flags['no-healthcheck']) return Object.keys(health).length === 0 ? {} : { Healthcheck: health };
  if (Object.keys(health).length > 0) {
    throw new InvalidError('--no-healthcheck conflicts with --health-* options');
  }
  return { Healthcheck: { Test: ['NONE'] } };
}

function resources(flags: CreateFlags, given: ReadonlySet<string>): HostConfig {
  return {
    ...filled({
      BlkioWeight: flags['blkio-weight'],
      BlkioWeightDevice: [...flags['blkio-weight-device']],
      BlkioDeviceReadBps: [...flags['device-read-bps']],
      BlkioDeviceWriteBps: [...flags['device-write-bps']],
      BlkioDeviceReadIOps: [...flags['device-read-iops']],
      BlkioDeviceWriteIOps: [...flags['device-write-iops']],
      CgroupParent: flags['cgroup-parent'],
      CpuCount: flags['cpu-count'],
      CpuPercent: flags['cpu-percent'],
      CpuPeriod: flags['cpu-period'],
      CpuQuota: flags['cpu-quota'],
      CpuRealtimePeriod: flags['cpu-rt-period'],
      CpuRealtimeRuntime: flags['cpu-rt-runtime'],
      CpuShares: flags['cpu-shares'],
      CpusetCpus: flags['cpuset-cpus'],
      CpusetMems: flags['cpuset-mems'],
      NanoCpus: flags.cpus,
      DeviceCgroupRules: [...flags['device-cgroup-rule']],
      DeviceRequests: [...flags.gpus],
      Devices: flags.device.map(parseDevice),
      IOMaximumBandwidth: flags['io-maxbandwidth'],
      IOMaximumIOps: flags['io-maxiops'],
      KernelMemory: flags['kernel-memory'],
      Memory: flags.memory,
      MemoryReservation: flags['memory-reservation'],
      MemorySwap: flags['memory-swap'],
      MemorySwappiness: flags['memory-swappiness'],
      PidsLimit: flags['pids-limit'],
      Ulimits: [...flags.ulimit],
      ShmSize: flags['shm-size'],
      OomScoreAdj: flags['oom-score-adj'],
    }),
    ...(given.has('oom-kill-disable') && { OomKillDisable: flags['oom-kill-disable'] }),
    ...(flags.init !== undefined && { Init: flags.init }),
  };
}

function isolation(flags: CreateFlags): HostConfig {
  return filled({
    CgroupnsMode: flags.cgroupns as HostConfig['CgroupnsMode'],
    IpcMode: flags.ipc,
    PidMode: flags.pid,
    UTSMode: flags.uts,
    UsernsMode: flags.userns,
    Isolation: flags.isolation as HostConfig['Isolation'],
    Runtime: flags.runtime,
    Sysctls: toMap(flags.sysctl),
    Annotations: toMap(flags.annotation),
  });
}

function security(flags: CreateFlags): HostConfig {
  return {
    Privileged: flags.privileged,
    ReadonlyRootfs: flags['read-only'],
    ...filled({
      CapAdd: [...flags['cap-add']],
      CapDrop: [...flags['cap-drop']],
      GroupAdd: [...flags['group-add']],
      SecurityOpt: flags['security-opt'].map(readSecurityOption),
    }),
  };
}

/** A seccomp profile is sent as its content: the engine may not see our files. */
function readSecurityOption(text: string): string {
  const [, name, value = ''] = /^([^=:]+)[=:](.*)$/s.exec(text) ?? [];
  if (name === undefined && text !== 'no-new-privileges') {
    throw new InvalidError(`Invalid --security-opt: ${JSON.stringify(text)}`);
  }
  if (name !== 'seccomp' || value === 'unconfined' || value === 'builtin') return text;
  try {
    return `seccomp=${JSON.stringify(JSON.parse(readFileSync(value, 'utf8')))}`;
  } catch (cause) {
    throw new InvalidError(`opening seccomp profile (${value}) failed: ${messageOf(cause)}`, { cause });
  }
}

function storage(flags: CreateFlags, binds: readonly string[]): HostConfig {
  const tmpfs = flags.tmpfs.map((text) => {
    const [path, options = ''] = splitOnce(text, ':');
    return [path, options] as const;
  });
  return filled({
    Binds: [...binds],
    Mounts: [...flags.mount],
    Tmpfs: Object.fromEntries(tmpfs),
    VolumesFrom: [...flags['volumes-from']],
    VolumeDriver: flags['volume-driver'],
    StorageOpt: toMap(flags['storage-opt']),
    LogConfig: logConfig(flags),
  });
}

function logConfig(flags: CreateFlags): HostConfig['LogConfig'] {
  const type = flags['log-driver'] ?? '';
  const options = toMap(flags['log-opt']);
  if (type === 'none' && Object.keys(options).length > 0) {
    throw new InvalidError(`invalid logging opts for driver ${type}`);
  }
  return type === '' && Object.keys(options).length === 0
    ? undefined
    : ({ Type: type, Config: options } as HostConfig['LogConfig']);
}

function names(flags: CreateFlags): HostConfig {
  return filled({
    Dns: [...flags.dns],
    DnsOptions: [...flags['dns-option']],
    DnsSearch: [...flags['dns-search']],
    ExtraHosts: [...flags['add-host']],
    Links: [...flags.link],
  });
}

/** `no`, `always`, `on-failure:3`. Which names exist is the engine's to say. */
export function parseRestartPolicy(text: string): RestartPolicy {
  const [name, count] = splitOnce(text, ':');
  if (count === undefined) return { Name: name as RestartPolicy['Name'], MaximumRetryCount: 0 };
  if (!/^\d+$/.test(count))
    throw new InvalidError('invalid restart policy format: maximum retry count must be an integer');
  return { Name: name as RestartPolicy['Name'], MaximumRetryCount: Number(count) };
}
