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

/** What these processes have taken of the processors so far, in milliseconds, to a hundredth of a second. */
export async function cpuMilliseconds(pids: readonly number[]): Promise<number> {
  const times = pids.map(async (pid) => {
    const [utime = 0, stime = 0] = await statOf(pid, 11, 13);
    return utime + stime;
  });
  return 10 * (await Promise.all(times)).reduce((sum, time) => sum + time, 0);
}

/** Of a process, of the children that it has, and of those that it had. */
export async function cpuMillisecondsBelow(pid: number): Promise<number> {
  const list = Bun.spawnSync(['ps', '-o', 'pid=', '--ppid', `${pid}`]).stdout.toString();
  const children = list.trim().split(/\s+/).filter(Boolean).map(Number);
  const [endedUser = 0, endedSystem = 0] = await statOf(pid, 13, 15);
  return 10 * (endedUser + endedSystem) + (await cpuMilliseconds([pid, ...children]));
}

/** Fields of proc_pid_stat(5) after the command's name, from 0 on. None when it has ended. */
async function statOf(pid: number, from: number, to: number): Promise<number[]> {
  const text = await Bun.file(`/proc/${pid}/stat`)
    .text()
    .catch(() => '');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields.slice(from, to).map(Number);
}
