/**
 * What the kernel has counted for a container's cgroups, in the API's own shapes; version 1 has a directory for each
 * controller, version 2 one for all. https://docs.kernel.org/admin-guide/cgroup-v2.html
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  ContainerBlkioStatEntry,
  ContainerBlkioStats,
  ContainerCPUUsage,
  ContainerMemoryStats,
  ContainerPidsStats,
  ContainerThrottlingData,
} from '../../engine-api/types.ts';
import type { RuncState } from './runc.ts';

export interface CgroupStats {
  readonly usage: NonNullable<ContainerCPUUsage>;
  readonly throttling: NonNullable<ContainerThrottlingData>;
  readonly memory: ContainerMemoryStats;
  readonly pids: NonNullable<ContainerPidsStats>;
  readonly blockIo: NonNullable<ContainerBlkioStats>;
}

/** @param hostMemory bytes: what a container without a limit may use. A cgroup that is gone counts as zeros. */
export function readCgroupStats(cgroups: RuncState['cgroups'], hostMemory: number): CgroupStats {
  const unified = cgroups[''];
  return cgroups['memory'] === undefined && unified !== undefined
    ? readUnified(unified, hostMemory)
    : readByController(cgroups, hostMemory);
}

function readByController(cgroups: RuncState['cgroups'], hostMemory: number): CgroupStats {
  const file = (controller: string, name: string): string => read(cgroups[controller], name);
  const cpuStat = parseFlat(file('cpu', 'cpu.stat'));
  const usage = parseFlat(file('cpuacct', 'cpuacct.stat'));
  const tick = 1e9 / 100;
  return {
    usage: {
      total_usage: Number(file('cpuacct', 'cpuacct.usage')),
      percpu_usage: numbers(file('cpuacct', 'cpuacct.usage_percpu')),
      usage_in_kernelmode: (usage['system'] ?? 0) * tick,
      usage_in_usermode: (usage['user'] ?? 0) * tick,
    },
    throttling: throttling(cpuStat, cpuStat['throttled_time']),
    memory: {
      usage: Number(file('memory', 'memory.usage_in_bytes')),
      max_usage: Number(file('memory', 'memory.max_usage_in_bytes')),
      stats: parseFlat(file('memory', 'memory.stat')),
      failcnt: Number(file('memory', 'memory.failcnt')),
      limit: limitOf(file('memory', 'memory.limit_in_bytes'), hostMemory),
    },
    pids: pids(file('pids', 'pids.current'), file('pids', 'pids.max')),
    blockIo: {
      io_service_bytes_recursive: firstCounted(cgroups['blkio'], 'io_service_bytes_recursive'),
      io_serviced_recursive: firstCounted(cgroups['blkio'], 'io_serviced_recursive'),
      io_queue_recursive: [],
      io_service_time_recursive: [],
      io_wait_time_recursive: [],
      io_merged_recursive: [],
      io_time_recursive: [],
      sectors_recursive: [],
    },
  };
}

function readUnified(directory: string, hostMemory: number): CgroupStats {
  const cpu = parseFlat(read(directory, 'cpu.stat'));
  const failures = parseFlat(read(directory, 'memory.events'))['oom'];
  return {
    usage: {
      total_usage: (cpu['usage_usec'] ?? 0) * 1000,
      usage_in_kernelmode: (cpu['system_usec'] ?? 0) * 1000,
      usage_in_usermode: (cpu['user_usec'] ?? 0) * 1000,
    },
    throttling: throttling(cpu, (cpu['throttled_usec'] ?? 0) * 1000),
    memory: {
      usage: Number(read(directory, 'memory.current')),
      stats: parseFlat(read(directory, 'memory.stat')),
      ...(failures ? { failcnt: failures } : {}),
      limit: limitOf(read(directory, 'memory.max'), hostMemory),
    },
    pids: pids(read(directory, 'pids.current'), read(directory, 'pids.max')),
    blockIo: {
      io_service_bytes_recursive: parseIoStat(read(directory, 'io.stat')),
      io_serviced_recursive: null,
      io_queue_recursive: null,
      io_service_time_recursive: null,
      io_wait_time_recursive: null,
      io_merged_recursive: null,
      io_time_recursive: null,
      sectors_recursive: null,
    },
  };
}

/** Empty for a controller that is not there. */
function read(directory: string | undefined, name: string): string {
  if (directory === undefined) return '';
  try {
    return readFileSync(join(directory, name), 'utf8').trim();
  } catch {
    return '';
  }
}

/** Lines of a name and a number. */
function parseFlat(text: string): Record<string, number> {
  const pairs = text
    .split('\n')
    .filter(Boolean)
    .map((line): [string, number] => {
      const [name = '', value] = line.split(' ');
      return [name, Number(value)];
    });
  return Object.fromEntries(pairs);
}

function numbers(text: string): number[] {
  return text.split(' ').filter(Boolean).map(Number);
}

function throttling(
  stat: Record<string, number>,
  nanoseconds: number | undefined,
): CgroupStats['throttling'] {
  return {
    periods: stat['nr_periods'] ?? 0,
    throttled_periods: stat['nr_throttled'] ?? 0,
    throttled_time: nanoseconds ?? 0,
  };
}

/** `max`, or a number that version 1 has in place of it, is all that the host has. */
function limitOf(text: string, hostMemory: number): number {
  const limit = Number(text);
  return Number.isNaN(limit) || text === '' ? hostMemory : Math.min(limit, hostMemory);
}

/** No limit is left out. */
function pids(current: string, limit: string): CgroupStats['pids'] {
  return { current: Number(current), ...(limit === 'max' || limit === '' ? {} : { limit: Number(limit) }) };
}

/** Of the schedulers' counters and the throttle's, those that hold something: as runc looks for them. */
function firstCounted(directory: string | undefined, name: string): NonNullable<ContainerBlkioStatEntry>[] {
  for (const prefix of ['blkio.', 'blkio.bfq.', 'blkio.throttle.']) {
    const entries = parseBlkio(read(directory, `${prefix}${name}`));
    if (entries.length > 0) return entries;
  }
  return [];
}

/** Lines of `8:0 Read 4096`; the sum over all devices has none. */
function parseBlkio(text: string): NonNullable<ContainerBlkioStatEntry>[] {
  return [...text.matchAll(/^(\d+):(\d+) (\w+) (\d+)$/gm)].map(([, major, minor, op = '', value]) => ({
    major: Number(major),
    minor: Number(minor),
    op,
    value: Number(value),
  }));
}

/** Lines of `8:0 rbytes=4096 wbytes=0 …`; null for none, as docker's. */
function parseIoStat(text: string): NonNullable<ContainerBlkioStats>['io_service_bytes_recursive'] {
  const entries = text.split('\n').flatMap((line) => {
    const [, major, minor, rest = ''] = /^(\d+):(\d+) (.*)$/.exec(line) ?? [];
    if (major === undefined) return [];
    return (['read', 'write'] as const).map((op) => ({
      major: Number(major),
      minor: Number(minor),
      op,
      value: Number(new RegExp(`\\b${op[0]}bytes=(\\d+)`).exec(rest)?.[1] ?? 0),
    }));
  });
  return (entries.length > 0 ? entries : null) as ReturnType<typeof parseIoStat>;
}
