/** `stats`: what a container uses, once or every second. */
import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import type {
  ContainerCPUStats,
  ContainerNetworkStats,
  ContainerStatsResponse,
} from '../../engine-api/types.ts';
import { type CgroupStats, readCgroupStats } from '../runtime/cgroup-stats.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { type ContainerRecord, hasProcess, zeroTime } from './state.ts';

type Dependencies = Pick<ContainerDependencies, 'containers' | 'runc' | 'live'>;

const interval = 1000;

/** One sample. @param oneShot at once, with nothing to compare it to; otherwise after a second, with the one before. */
export async function sampleOnce(
  deps: Dependencies,
  { id }: ContainerRecord,
  oneShot: boolean,
): Promise<ContainerStatsResponse> {
  const first = sampleOf(deps, deps.containers.resolve(id), undefined);
  if (oneShot || first.read === zeroTime) return first;
  await Bun.sleep(interval);
  return sampleOf(deps, deps.containers.resolve(id), first);
}

/** A sample every second until the client goes or the container is removed; the first has nothing before it. */
export async function* sampleStream(
  deps: Dependencies,
  { id }: ContainerRecord,
  signal: AbortSignal,
): AsyncGenerator<ContainerStatsResponse> {
  let before: ContainerStatsResponse | undefined;
  const gone = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => gone.resolve(), { once: true });
  for (let due = performance.now(); !signal.aborted; due += interval) {
    const record = deps.containers.get(id);
    if (!record) return;
    before = sampleOf(deps, record, before);
    yield before;
    await Promise.race([Bun.sleep(Math.max(0, due + interval - performance.now())), gone.promise]);
  }
}

/** Zeros where nothing runs. */
function sampleOf(
  { runc }: Dependencies,
  record: ContainerRecord,
  before: ContainerStatsResponse | undefined,
): ContainerStatsResponse {
  const named = { name: `/${record.name}`, id: record.id };
  const state = hasProcess(record.state) ? runc.state(record.id) : undefined;
  if (!state) return { ...named, ...zeroSample };
  const counted = readCgroupStats(state.cgroups, totalmem());
  const networks = record.hostConfig.NetworkMode === 'host' ? {} : readNetworks(record.state.pid);
  return {
    ...named,
    read: new Date().toISOString(),
    preread: before?.read ?? zeroTime,
    pids_stats: counted.pids,
    blkio_stats: counted.blockIo,
    num_procs: 0,
    storage_stats: {},
    cpu_stats: cpuStats(counted),
    precpu_stats: before?.cpu_stats ?? zeroCpu,
    memory_stats: counted.memory,
    ...(Object.keys(networks).length > 0 ? { networks } : {}),
  };
}

function cpuStats({ usage, throttling }: CgroupStats): ContainerCPUStats {
  return {
    cpu_usage: usage,
    system_cpu_usage: systemUsage(readFileSync('/proc/stat', 'utf8')),
    online_cpus: availableParallelism(),
    throttling_data: throttling,
  };
}

/** Nanoseconds of all CPUs, idle ones included: user to softirq of proc(5). */
function systemUsage(stat: string): number {
  const ticks = /^cpu +(.*)$/m.exec(stat)?.[1]?.split(' ').slice(0, 7).map(Number) ?? [];
  return ticks.reduce((sum, count) => sum + count, 0) * (1e9 / 100);
}

/** As the container sees its interfaces, without the loopback. Empty when the process is gone. */
function readNetworks(pid: number): Record<string, NonNullable<ContainerNetworkStats>> {
  try {
    return parseNetworks(readFileSync(`/proc/${pid}/net/dev`, 'utf8'));
  } catch {
    return {};
  }
}

/** @param text of /proc/net/dev: `eth0: ` and eight counters of what came in, then eight of what went out. */
export function parseNetworks(text: string): Record<string, NonNullable<ContainerNetworkStats>> {
  const networks: Record<string, NonNullable<ContainerNetworkStats>> = {};
  for (const [, name = '', rest = ''] of text.matchAll(/^\s*([^\s:]+):(.*)$/gm)) {
    if (name === 'lo') continue;
    const [rx_bytes, rx_packets, rx_errors, rx_dropped, , , , , ...sent] = rest
      .trim()
      .split(/\s+/)
      .map(Number);
    const [tx_bytes, tx_packets, tx_errors, tx_dropped] = sent;
    networks[name] = {
      rx_bytes,
      rx_packets,
      rx_errors,
      rx_dropped,
      tx_bytes,
      tx_packets,
      tx_errors,
      tx_dropped,
    };
  }
  return networks;
}

/** Go's zero values. */
const zeroCpu: NonNullable<ContainerCPUStats> = {
  cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 },
  throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
};

const zeroSample = {
  read: zeroTime,
  preread: zeroTime,
  pids_stats: {},
  blkio_stats: {
    io_service_bytes_recursive: null,
    io_serviced_recursive: null,
    io_queue_recursive: null,
    io_service_time_recursive: null,
    io_wait_time_recursive: null,
    io_merged_recursive: null,
    io_time_recursive: null,
    sectors_recursive: null,
  },
  num_procs: 0,
  storage_stats: {},
  cpu_stats: zeroCpu,
  precpu_stats: zeroCpu,
  memory_stats: {},
} as unknown as ContainerStatsResponse;
