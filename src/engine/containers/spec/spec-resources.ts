/** Limits of a container as cgroup settings: memory, processors, processes, disks. */
import type { HostConfig, ThrottleDevice } from '../../../engine-api/types.ts';
import type { DeviceRule, RuntimeResources, ThrottleRule } from '../../../oci/runtime/runtime-spec.ts';
import { deviceNumbers } from './spec-devices.ts';
import type { HostFacts } from './spec-input.ts';

/** --cpus is a share of this period, in microseconds. */
const cpuPeriod = 100_000;

/** Also what `docker update` gives to a running container, with no device rules. */
export function buildResources(
  hostConfig: HostConfig,
  host: Pick<HostFacts, 'cgroupVersion' | 'limitsSwap'>,
  devices: readonly DeviceRule[],
): RuntimeResources {
  return {
    devices,
    memory: memory(hostConfig, host),
    cpu: cpu(hostConfig),
    ...pids(hostConfig.PidsLimit),
    blockIO: blockIO(hostConfig),
  };
}

/** Without --memory-swap a container may swap as much as it may hold. What the kernel cannot limit is left out, as docker does with a warning. */
function memory(
  hostConfig: HostConfig,
  host: Pick<HostFacts, 'cgroupVersion' | 'limitsSwap'>,
): NonNullable<RuntimeResources['memory']> {
  const { Memory: limit = 0, MemoryReservation: reservation, MemorySwappiness: swappiness } = hostConfig;
  const swap = hostConfig.MemorySwap || limit * 2;
  const isV2 = host.cgroupVersion === 'v2';
  return {
    ...(limit > 0 && { limit }),
    ...(reservation && { reservation }),
    ...(swap !== 0 && host.limitsSwap && { swap }),
    ...(!isV2 && swappiness != null && swappiness >= 0 && { swappiness }),
    ...(!isV2 && hostConfig.OomKillDisable && { disableOOMKiller: true }),
  };
}

function cpu(hostConfig: HostConfig): NonNullable<RuntimeResources['cpu']> {
  const nano = hostConfig.NanoCpus ?? 0;
  const period = nano > 0 ? cpuPeriod : hostConfig.CpuPeriod;
  const quota = nano > 0 ? Math.round((nano * cpuPeriod) / 1e9) : hostConfig.CpuQuota;
  return {
    ...(hostConfig.CpuShares && { shares: hostConfig.CpuShares }),
    ...(period && { period }),
    ...(quota && { quota }),
    ...(hostConfig.CpuRealtimePeriod && { realtimePeriod: hostConfig.CpuRealtimePeriod }),
    ...(hostConfig.CpuRealtimeRuntime && { realtimeRuntime: hostConfig.CpuRealtimeRuntime }),
    ...(hostConfig.CpusetCpus && { cpus: hostConfig.CpusetCpus }),
    ...(hostConfig.CpusetMems && { mems: hostConfig.CpusetMems }),
  };
}

/** 0 and -1 are both "no limit" in the API; the runtime knows -1. */
function pids(limit: number | null | undefined): Pick<RuntimeResources, 'pids'> {
  if (limit == null) return {};
  return { pids: { limit: limit > 0 ? limit : -1 } };
}

function blockIO(hostConfig: HostConfig): NonNullable<RuntimeResources['blockIO']> {
  const weights = (hostConfig.BlkioWeightDevice ?? []).map(({ Path: path = '', Weight: weight = 0 }) => ({
    ...deviceNumbers(path),
    weight,
  }));
  return {
    ...(hostConfig.BlkioWeight && { weight: hostConfig.BlkioWeight }),
    ...(weights.length > 0 && { weightDevice: weights }),
    ...throttle('throttleReadBpsDevice', hostConfig.BlkioDeviceReadBps),
    ...throttle('throttleWriteBpsDevice', hostConfig.BlkioDeviceWriteBps),
    ...throttle('throttleReadIOPSDevice', hostConfig.BlkioDeviceReadIOps),
    ...throttle('throttleWriteIOPSDevice', hostConfig.BlkioDeviceWriteIOps),
  };
}

function throttle(
  name: string,
  devices: readonly ThrottleDevice[] | undefined,
): Record<string, ThrottleRule[]> {
  if (!devices || devices.length === 0) return {};
  return {
    [name]: devices.map(({ Path: path = '', Rate: rate = 0 }) => ({ ...deviceNumbers(path), rate })),
  };
}
