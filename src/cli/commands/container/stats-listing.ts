/** The columns of `stats` and the sums behind them. */
import type { ContainerStatsResponse } from '../../../engine-api/types.ts';
import type { Listing } from '../../format.ts';
import { formatBinarySize, formatSize, shortId } from '../../human.ts';

export interface Sample {
  readonly name: string;
  readonly stats: ContainerStatsResponse;
}

export function statsListing(isWhole: boolean): Listing<Sample> {
  const id = ({ stats }: Sample) => stats.id ?? '';
  return {
    typeName: '*container.statsContext',
    table:
      '{{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}',
    columns: {
      BlockIO: { heading: 'BLOCK I/O', value: ({ stats }) => formatBlockIo(stats) },
      CPUPerc: { heading: 'CPU %', value: ({ stats }) => `${cpuPercent(stats).toFixed(2)}%` },
      Container: { heading: 'CONTAINER', value: ({ name }) => name },
      ID: { heading: 'CONTAINER ID', value: (sample) => (isWhole ? id(sample) : shortId(id(sample))) },
      MemPerc: { heading: 'MEM %', value: ({ stats }) => `${memoryPercent(stats).toFixed(2)}%` },
      MemUsage: { heading: 'MEM USAGE / LIMIT', value: ({ stats }) => formatMemory(stats) },
      Name: { heading: 'NAME', value: ({ stats }) => (stats.name ?? '').replace(/^\//, '') },
      NetIO: { heading: 'NET I/O', value: ({ stats }) => formatNetwork(stats) },
      PIDs: { heading: 'PIDS', value: ({ stats }) => String(stats.pids_stats?.current ?? 0) },
    },
  };
}

/** The share of one CPU since the reading before. */
function cpuPercent({ cpu_stats: now, precpu_stats: before }: ContainerStatsResponse): number {
  const used = (now?.cpu_usage?.total_usage ?? 0) - (before?.cpu_usage?.total_usage ?? 0);
  const passed = (now?.system_cpu_usage ?? 0) - (before?.system_cpu_usage ?? 0);
  const cpus = now?.online_cpus || (now?.cpu_usage?.percpu_usage?.length ?? 1);
  return used > 0 && passed > 0 ? (used / passed) * cpus * 100 : 0;
}

/** Without what the page cache could give back: cgroup v1 and v2 name it differently. */
function memoryUsed({ memory_stats: memory }: ContainerStatsResponse): number {
  const usage = memory?.usage ?? 0;
  const inactive = memory?.stats?.['total_inactive_file'] ?? memory?.stats?.['inactive_file'] ?? 0;
  return inactive < usage ? usage - inactive : usage;
}

function memoryPercent(stats: ContainerStatsResponse): number {
  const limit = stats.memory_stats?.limit ?? 0;
  return limit === 0 ? 0 : (memoryUsed(stats) / limit) * 100;
}

function formatMemory(stats: ContainerStatsResponse): string {
  return `${formatBinarySize(memoryUsed(stats))} / ${formatBinarySize(stats.memory_stats?.limit ?? 0)}`;
}

function formatNetwork({ networks }: ContainerStatsResponse): string {
  const all = Object.values(networks ?? {});
  const received = all.reduce((sum, network) => sum + (network?.rx_bytes ?? 0), 0);
  const sent = all.reduce((sum, network) => sum + (network?.tx_bytes ?? 0), 0);
  return `${formatSize(received)} / ${formatSize(sent)}`;
}

function formatBlockIo({ blkio_stats: io }: ContainerStatsResponse): string {
  const sum = (operation: string) =>
    (io?.io_service_bytes_recursive ?? []).reduce(
      (total, entry) => total + (entry?.op?.toLowerCase() === operation ? (entry.value ?? 0) : 0),
      0,
    );
  return `${formatSize(sum('read'))} / ${formatSize(sum('write'))}`;
}
