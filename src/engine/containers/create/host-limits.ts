/** The limits of a container, refused at create and update where the kernel or docker would refuse them. Pure. */
import { availableParallelism } from 'node:os';
import { existsSync, readFileSync } from 'node:fs';
import type { HostConfig } from '../../../engine-api/types.ts';
import { InvalidError } from '../../../lib/errors.ts';

const minimumMemory = 6 * 1024 * 1024;

/** @throws InvalidError in docker's words. */
export function validateLimits(config: HostConfig): void {
  validateMemory(config);
  validateCpu(config);
  validateCpusets(config);
  const { BlkioWeight: weight = 0, OomScoreAdj: score = 0, ShmSize: shm = 0 } = config;
  if (weight !== 0 && (weight < 10 || weight > 1000)) {
    throw new InvalidError('Range of blkio weight is from 10 to 1000');
  }
  if (score < -1000 || score > 1000) {
    throw new InvalidError(`Invalid value ${score}, range for oom score adj is [-1000, 1000]`);
  }
  if (shm < 0) throw new InvalidError('SHM size can not be less than 0');
  for (const { Name: name, Soft: soft = 0, Hard: hard = 0 } of config.Ulimits ?? []) {
    if (hard !== -1 && (soft > hard || soft === -1)) {
      throw new InvalidError(
        `ulimit ${name ?? ''}: soft limit must be less than or equal to hard limit: ${soft} > ${hard}`,
      );
    }
  }
}

function validateMemory(config: HostConfig): void {
  const { Memory = 0, MemorySwap = 0, MemoryReservation: reservation = 0 } = config;
  const { MemorySwappiness: swappiness } = config;
  if (Memory !== 0 && Memory < minimumMemory) throw new InvalidError('Minimum memory limit allowed is 6MB');
  if (MemorySwap > 0 && Memory === 0) {
    throw new InvalidError('You should always set the Memory limit when using Memoryswap limit, see usage');
  }
  if (MemorySwap > 0 && MemorySwap < Memory) {
    throw new InvalidError('Minimum memoryswap limit should be larger than memory limit, see usage');
  }
  if (reservation !== 0 && reservation < minimumMemory) {
    throw new InvalidError('Minimum memory reservation allowed is 6MB');
  }
  if (Memory > 0 && reservation > Memory) {
    throw new InvalidError('Minimum memory limit can not be less than memory reservation limit, see usage');
  }
  if (swappiness != null && (swappiness < -1 || swappiness > 100)) {
    throw new InvalidError(`Invalid value: ${swappiness}, valid memory swappiness range is 0-100`);
  }
}

function validateCpu({ NanoCpus = 0, CpuPeriod = 0, CpuQuota = 0, CpuShares = 0 }: HostConfig): void {
  const cpus = availableParallelism();
  if (NanoCpus > cpus * 1e9) {
    throw new InvalidError(
      `range of CPUs is from 0.01 to ${cpus}.00, as there are only ${cpus} CPUs available`,
    );
  }
  if (NanoCpus < 0) throw new InvalidError('invalid NanoCPUs value: must be greater than 0');
  if (NanoCpus > 0 && (CpuPeriod > 0 || CpuQuota > 0)) {
    const other = CpuPeriod > 0 ? 'Period' : 'Quota';
    throw new InvalidError(`Conflicting options: Nano CPUs and CPU ${other} cannot both be set`);
  }
  if (CpuShares < 0) throw new InvalidError(`invalid CpuShares value: ${CpuShares}: must not be negative`);
  if (CpuPeriod !== 0 && (CpuPeriod < 1000 || CpuPeriod > 1_000_000)) {
    throw new InvalidError(
      'CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)',
    );
  }
  if (CpuQuota > 0 && CpuQuota < 1000) {
    throw new InvalidError('CPU cfs quota can not be less than 1ms (i.e. 1000)');
  }
}

function validateCpusets({ CpusetCpus: cpus = '', CpusetMems: mems = '' }: HostConfig): void {
  const online = `0-${availableParallelism() - 1}`;
  requireSubset(cpus, hostList('/sys/devices/system/cpu/online', online), 'cpus', 'CPUs');
  requireSubset(mems, hostList('/sys/devices/system/node/online', '0'), 'mems', 'memory nodes');
}

function hostList(path: string, fallback: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : fallback;
}

function requireSubset(asked: string, available: string, kind: string, noun: string): void {
  if (asked === '') return;
  const wanted = parseList(asked);
  if (!wanted) throw new InvalidError(`Invalid value ${asked} for cpuset ${kind}`);
  const have = parseList(available) ?? [];
  const fits = wanted.every(([first, last]) => have.some(([low, high]) => first >= low && last <= high));
  if (fits) return;
  throw new InvalidError(`Requested ${noun} are not available - requested ${asked}, available: ${available}`);
}

/** `0-2,7` as ranges; undefined for what is none. */
function parseList(text: string): [number, number][] | undefined {
  const ranges = text.split(',').map((part): [number, number] | undefined => {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
    return first === undefined || Number(last) < Number(first) ? undefined : [Number(first), Number(last)];
  });
  return ranges.every((range) => range !== undefined) ? ranges : undefined;
}
