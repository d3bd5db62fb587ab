/**
 * The freezer of a container's cgroup: every process of it stands still, or goes on, at once. Written directly, since a
 * commit waits for it: the runtime's own command takes 20 to 50 ms for the same write.
 * https://docs.kernel.org/admin-guide/cgroup-v1/freezer-subsystem.html, https://docs.kernel.org/admin-guide/cgroup-v2.html#core-interface-files
 */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UnavailableError } from '../../lib/errors.ts';

/** How a hierarchy writes and tells it. */
interface Words {
  readonly file: string;
  readonly frozen: string;
  readonly thawed: string;
  /** The file that says so once every process stands still, and the line in it. */
  readonly toldIn: string;
  readonly told: RegExp;
}

const version1: Words = {
  file: 'freezer.state',
  frozen: 'FROZEN',
  thawed: 'THAWED',
  toldIn: 'freezer.state',
  told: /^FROZEN$/m,
};

const version2: Words = {
  file: 'cgroup.freeze',
  frozen: '1',
  thawed: '0',
  toldIn: 'cgroup.events',
  told: /^frozen 1$/m,
};

/** In milliseconds. */
const patience = 10_000;
/** Looks, each a millisecond apart, after which it is begun anew. */
const looks = 50;

/** True when the directory is a cgroup that can be frozen. */
export function hasFreezer(directory: string): boolean {
  return [version1, version2].some(({ file }) => existsSync(join(directory, file)));
}

/** @throws UnavailableError when a process does not come to a halt; all go on then. */
export async function freeze(directory: string): Promise<void> {
  const words = wordsOf(directory);
  const deadline = performance.now() + patience;
  const isFrozen = async (): Promise<boolean> =>
    words.told.test(await readFile(join(directory, words.toldIn), 'utf8'));
  await writeFile(join(directory, words.file), words.frozen);
  for (let look = 1; !(await isFrozen()); look++) {
    if (performance.now() > deadline) {
      await thaw(directory);
      throw new UnavailableError('cannot pause the container: its processes do not come to a halt');
    }
    await Bun.sleep(1);
    // A process that is just being made or executed can hold version 1 up for good: all go on for a moment, then again.
    if (look % looks > 0) continue;
    await thaw(directory);
    await Bun.sleep(10);
    await writeFile(join(directory, words.file), words.frozen);
  }
}

/** Idempotent. */
export async function thaw(directory: string): Promise<void> {
  const words = wordsOf(directory);
  await writeFile(join(directory, words.file), words.thawed);
}

function wordsOf(directory: string): Words {
  return existsSync(join(directory, version1.file)) ? version1 : version2;
}
