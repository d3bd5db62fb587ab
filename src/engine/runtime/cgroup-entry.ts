/**
 * Shortens the way of a process into its cgroup. The kernel makes the first such move wait for a grace period (10 to 20 ms),
 * while those that follow a moment later do not wait (kernel/cgroup/cgroup.c, cgroup_threadgroup_rwsem and its rcu_sync).
 * So the engine moves itself to where it is already, which changes nothing, as soon as it knows that the runtime will
 * move a process: the wait is over when the runtime gets there.
 */
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';

export class CgroupEntry {
  readonly #path: string | undefined;
  #isWaiting = false;

  /** @param path the cgroup.procs file of the engine's own cgroup; undefined where it can't be found: nothing is done then. */
  constructor(path: string | undefined) {
    this.#path = path;
  }

  /** Returns at once. Never fails: without it, the runtime waits. */
  prepare(): void {
    if (this.#path === undefined || this.#isWaiting) return;
    this.#isWaiting = true;
    // 0 is the writer itself.
    const written = writeFile(this.#path, '0', { flag: 'r+' });
    void written
      .catch(() => undefined)
      .finally(() => {
        this.#isWaiting = false;
      });
  }
}

/** Our cgroup.procs in whichever hierarchy: the wait is the same one for all of them. */
export function ownCgroupProcesses(
  membership: string = readFileSync('/proc/self/cgroup', 'utf8'),
  root = '/sys/fs/cgroup',
): string | undefined {
  return membership
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [, controllers = '', ...path] = line.split(':');
      const mounts = controllers === '' ? ['', 'unified'] : [controllers.replace('name=', '')];
      return mounts.map((mount) => `${[root, mount].filter(Boolean).join('/')}${path.join(':')}`);
    })
    .map((directory) => `${directory.replace(/\/$/, '')}/cgroup.procs`)
    .find((path) => existsSync(path));
}
