/** HostConfig as docker keeps it: defaults filled in, nonsense refused. Pure. */
import type { HostConfig } from '../../../engine-api/types.ts';
import { InvalidError } from '../../../lib/errors.ts';
import { maskedPaths, readonlyPaths } from '../../../oci/runtime/defaults.ts';
import { validateLimits } from './host-limits.ts';
import { validateConfinement, validateModes } from './host-modes.ts';
import { validateLogConfig } from '../logs/log-options.ts';
import { validateRestartPolicy } from '../restart-policy.ts';
import type { HostFacts } from '../spec/spec-input.ts';

const defaultShmSize = 64 * 1024 * 1024;

/** @throws InvalidError in docker's words. */
export function completeHostConfig(request: HostConfig, host: HostFacts): HostConfig {
  validate(request, host);
  return {
    ...zeroValues,
    ...(joinsHost(request) ? { SecurityOpt: ['label=disable'] } : {}),
    ...(host.cgroupVersion === 'v2' ? {} : { OomKillDisable: false }),
    ...withoutUndefined(request),
    LogConfig: {
      Type: request.LogConfig?.Type || 'json-file',
      Config: request.LogConfig?.Config ?? {},
    },
    NetworkMode: networkMode(request.NetworkMode),
    RestartPolicy: {
      Name: request.RestartPolicy?.Name || 'no',
      MaximumRetryCount: request.RestartPolicy?.MaximumRetryCount ?? 0,
    },
    CgroupnsMode: request.CgroupnsMode || (host.cgroupVersion === 'v2' ? 'private' : 'host'),
    IpcMode: request.IpcMode || 'private',
    ShmSize: request.ShmSize || defaultShmSize,
    MemorySwap: memorySwap(request),
    Runtime: request.Runtime || 'runc',
    ...(request.Privileged
      ? { MaskedPaths: [], ReadonlyPaths: [] }
      : {
          MaskedPaths: request.MaskedPaths ?? [...maskedPaths],
          ReadonlyPaths: request.ReadonlyPaths ?? [...readonlyPaths],
        }),
  };
}

function networkMode(mode: string | undefined): string {
  return mode === undefined || mode === '' || mode === 'default' ? 'bridge' : mode;
}

/** To SELinux such a container is no other than the host, and docker says so. */
function joinsHost({ Privileged, IpcMode, PidMode }: HostConfig): boolean {
  return Privileged === true || IpcMode === 'host' || PidMode === 'host';
}

/** A limit of memory alone allows as much again of swap. */
function memorySwap({ Memory, MemorySwap }: HostConfig): number {
  return Memory && !MemorySwap ? Memory * 2 : (MemorySwap ?? 0);
}

/** What would be ignored is refused: a container without it is not what was asked for. */
function refuseUnserved({ LogConfig, DeviceRequests }: HostConfig): void {
  validateLogConfig(LogConfig);
  const [device] = DeviceRequests ?? [];
  if (device) {
    throw new InvalidError(
      `could not select device driver ${JSON.stringify(device.Driver ?? '')} with capabilities: ${JSON.stringify(device.Capabilities ?? [])}`,
    );
  }
}

function validate(request: HostConfig, host: HostFacts): void {
  validateRestartPolicy(request.RestartPolicy, request.AutoRemove ?? false);
  validateLimits(request);
  validateModes(request);
  validateConfinement(request, host);
  refuseUnserved(request);
  if (request.Runtime && request.Runtime !== 'runc') {
    throw new InvalidError(`unknown or invalid runtime name: ${request.Runtime}`);
  }
}

function withoutUndefined(config: HostConfig): HostConfig {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
}

/** What inspect shows of everything that nobody asked for. */
const zeroValues = {
  Binds: null,
  ContainerIDFile: '',
  PortBindings: {},
  AutoRemove: false,
  VolumeDriver: '',
  VolumesFrom: null,
  ConsoleSize: [0, 0],
  CapAdd: null,
  CapDrop: null,
  Dns: [],
  DnsOptions: [],
  DnsSearch: [],
  ExtraHosts: null,
  GroupAdd: null,
  Cgroup: '',
  Links: null,
  OomScoreAdj: 0,
  PidMode: '',
  Privileged: false,
  PublishAllPorts: false,
  ReadonlyRootfs: false,
  SecurityOpt: null,
  UTSMode: '',
  UsernsMode: '',
  Isolation: '',
  CpuShares: 0,
  Memory: 0,
  NanoCpus: 0,
  CgroupParent: '',
  BlkioWeight: 0,
  BlkioWeightDevice: [],
  BlkioDeviceReadBps: [],
  BlkioDeviceWriteBps: [],
  BlkioDeviceReadIOps: [],
  BlkioDeviceWriteIOps: [],
  CpuPeriod: 0,
  CpuQuota: 0,
  CpuRealtimePeriod: 0,
  CpuRealtimeRuntime: 0,
  CpusetCpus: '',
  CpusetMems: '',
  Devices: [],
  DeviceCgroupRules: null,
  DeviceRequests: null,
  MemoryReservation: 0,
  MemorySwappiness: null,
  OomKillDisable: null,
  PidsLimit: null,
  Ulimits: [],
  CpuCount: 0,
  CpuPercent: 0,
  IOMaximumIOps: 0,
  IOMaximumBandwidth: 0,
} as unknown as HostConfig;
