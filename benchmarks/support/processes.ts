/** What processes hold, and which of them stand between an engine and its containers. */
import { command } from './measure.ts';

/** Process ids of conmon and of containerd's shims. */
export async function supervisors(): Promise<number[]> {
  const list = await command(['ps', '-eo', 'pid=,comm=']);
  return list
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, name]) => name === 'conmon' || name?.startsWith('containerd-shim'))
    .map(([pid]) => Number(pid));
}

/** The sum over the processes. */
export async function megabytes(pids: readonly number[], kind: 'Rss' | 'Pss'): Promise<number> {
  let kilobytes = 0;
  for (const pid of pids) {
    const rollup = await Bun.file(`/proc/${pid}/smaps_rollup`).text();
    kilobytes += Number(new RegExp(`^${kind}:\\s+(\\d+)`, 'm').exec(rollup)?.[1] ?? 0);
  }
  return kilobytes / 1024;
}
