/** Gives a process a share of a core and no more, by a control group of its own: what it takes then says what it can do. */
import { mkdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Short, so that what was used up is there again soon. In microseconds. */
const period = 10_000;
const root = '/sys/fs/cgroup';

/** Until it is disposed. https://docs.kernel.org/scheduler/sched-bwc.html */
export async function limitCpu(pid: number, name: string, cores: number): Promise<AsyncDisposable> {
  const quota = Math.round(cores * period);
  const parent = await parentGroup();
  const group = join(parent, name);
  await mkdir(group);
  if (parent === root) {
    await writeFile(join(group, 'cpu.max'), `${quota} ${period}`);
  } else {
    await writeFile(join(group, 'cpu.cfs_period_us'), `${period}`);
    await writeFile(join(group, 'cpu.cfs_quota_us'), `${quota}`);
  }
  await writeFile(join(group, 'cgroup.procs'), `${pid}`);
  return {
    async [Symbol.asyncDispose]() {
      await writeFile(join(parent, 'cgroup.procs'), `${pid}`);
      await rmdir(group);
    },
  };
}

/** With the first version of control groups the one that we are in; with the second, groups that have processes have no others. */
async function parentGroup(): Promise<string> {
  const ours = /^\d+:(?:[^:]*,)?cpu(?:,[^:]*)?:(.*)$/m.exec(await Bun.file('/proc/self/cgroup').text())?.[1];
  if (ours !== undefined) return join(root, 'cpu', ours);
  await writeFile(join(root, 'cgroup.subtree_control'), '+cpu');
  return root;
}
