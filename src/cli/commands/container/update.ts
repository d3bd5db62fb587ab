/** `cais update`: other limits for containers that exist already. */
import { pathOf } from '../../../engine-api/client.ts';
import type { ContainerUpdateResponse } from '../../../engine-api/types.ts';
import { InvalidError } from '../../../lib/errors.ts';
import { atLeast, defineCommand } from '../../command.ts';
import { bytes, decimal, int, string } from '../../flags.ts';
import { forEachName } from '../each.ts';
import { parseRestartPolicy } from './create-body.ts';

export const update = defineCommand({
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  aliases: ['container update', 'update'],
  flags: {
    'blkio-weight': int('Block IO (relative weight), between 10 and 1000, or 0 to disable', undefined, {
      valueName: 'uint16',
      shownDefault: '0',
    }),
    'cpu-period': int('Limit CPU CFS (Completely Fair Scheduler) period'),
    'cpu-quota': int('Limit CPU CFS (Completely Fair Scheduler) quota'),
    'cpu-rt-period': int('Limit the CPU real-time period in microseconds'),
    'cpu-rt-runtime': int('Limit the CPU real-time runtime in microseconds'),
    'cpu-shares': int('CPU shares (relative weight)', 'c'),
    cpus: decimal('Number of CPUs'),
    'cpuset-cpus': string('CPUs in which to allow execution (0-3, 0,1)'),
    'cpuset-mems': string('MEMs in which to allow execution (0-3, 0,1)'),
    memory: bytes('Memory limit', 'm'),
    'memory-reservation': bytes('Memory soft limit'),
    'memory-swap': bytes('Swap limit equal to memory plus swap: -1 to enable unlimited swap'),
    'pids-limit': int('Tune container pids limit (set -1 for unlimited)'),
    restart: string('Restart policy to apply when a container exits'),
  },
  count: atLeast(1),
  completes: 'container',
  run: async ({ context, flags, args, given }) => {
    if (given.size === 0)
      throw new InvalidError('you must provide one or more flags when using this command');
    const body = {
      BlkioWeight: flags['blkio-weight'],
      CpuPeriod: flags['cpu-period'],
      CpuQuota: flags['cpu-quota'],
      CpuRealtimePeriod: flags['cpu-rt-period'],
      CpuRealtimeRuntime: flags['cpu-rt-runtime'],
      CpuShares: flags['cpu-shares'],
      NanoCpus: flags.cpus,
      CpusetCpus: flags['cpuset-cpus'],
      CpusetMems: flags['cpuset-mems'],
      Memory: flags.memory,
      MemoryReservation: flags['memory-reservation'],
      MemorySwap: flags['memory-swap'],
      PidsLimit: flags['pids-limit'],
      RestartPolicy: flags.restart === undefined ? undefined : parseRestartPolicy(flags.restart),
    };
    const warnings: string[] = [];
    await forEachName(args, context.out, async (name) => {
      const path = `/containers/${pathOf(name)}/update`;
      const answer = await context.engine.post<ContainerUpdateResponse>(path, { json: body });
      warnings.push(...(answer.Warnings ?? []));
    });
    await context.err.write(warnings.map((warning) => `${warning}\n`).join(''));
  },
});
