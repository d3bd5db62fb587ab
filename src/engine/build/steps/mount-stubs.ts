/**
 * Where a step's mounts go, something has to be mounted on: what the state lacks is made before the command and taken
 * away after it, with the times of the directories around as they were, so that a mount alone changes nothing.
 */
import { lstatSync, mkdirSync, rmdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { resolveInRoot } from '../../containers/spec/root-path.ts';
import { type Timestamp, changeTimes, statFile } from '../../linux/file.ts';
import { AT_FDCWD } from '../../linux/libc.ts';

export interface MountTarget {
  /** In the container. */
  readonly path: string;
  readonly isFile: boolean;
}

/** What a runtime mounts whatever the step says. */
export const runtimeTargets: readonly MountTarget[] = ['resolv.conf', 'hosts', 'hostname'].map((name) => ({
  path: `/etc/${name}`,
  isFile: true,
}));

/** The time of a directory before something was made in it, and after. */
interface Touched {
  readonly before: Timestamp;
  after: Timestamp;
}

export class MountStubs {
  readonly #root: string;
  /** Parents first. */
  readonly #made: string[] = [];
  readonly #touched = new Map<string, Touched>();

  /** @param root mounted, and nothing runs on it. */
  constructor(root: string, targets: readonly MountTarget[]) {
    this.#root = root;
    for (const { path, isFile } of targets) this.#make(resolveInRoot(root, path), isFile);
  }

  /** Once nothing runs any more. What the command has filled stays. */
  remove(): void {
    for (const path of this.#made.toReversed()) this.#removeEmpty(path);
  }

  #make(path: string, isFile: boolean): void {
    if (path === this.#root || isThere(path)) return;
    const parent = dirname(path);
    this.#make(parent, false);
    // The runtime says what is wrong with a file on the way.
    if (!isDirectory(parent)) return;
    const before = timeOf(parent);
    if (isFile) writeFileSync(path, '', { mode: 0o644 });
    else mkdirSync(path, { mode: 0o755 });
    this.#made.push(path);
    const touched = this.#touched.get(parent);
    if (touched) touched.after = timeOf(parent);
    else this.#touched.set(parent, { before, after: timeOf(parent) });
  }

  #removeEmpty(path: string): void {
    // The command may have put a link in the place of a directory.
    if (join(this.#root, path.slice(this.#root.length)) !== this.#resolved(path) || !isThere(path)) return;
    const parent = dirname(path);
    const now = timeOf(parent);
    try {
      if (isDirectory(path)) rmdirSync(path);
      else if (statSync(path).size === 0) unlinkSync(path);
      else return;
    } catch {
      return;
    }
    const touched = this.#touched.get(parent);
    const isAlone = touched !== undefined && isSame(now, touched.after);
    changeTimes(parent, isAlone ? touched.before : now);
    // Others that are taken away from it find it as it was.
    if (isAlone) this.#touched.set(parent, { ...touched, after: touched.before });
  }

  #resolved(path: string): string {
    return resolveInRoot(this.#root, path.slice(this.#root.length));
  }
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function isDirectory(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function timeOf(path: string): Timestamp {
  return statFile(AT_FDCWD, path).mtime;
}

function isSame(a: Timestamp, b: Timestamp): boolean {
  return a.seconds === b.seconds && a.nanoseconds === b.nanoseconds;
}
