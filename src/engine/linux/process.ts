/** What a child process does to itself before it touches hostile input. */
import { readFileSync } from 'node:fs';
import { errnoOf } from '../../lib/errors.ts';
import { check, cString, libc } from './libc.ts';

const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9;

/** From here on `directory` is `/`, for this whole process: no link and no `..` leads out of it. */
export function enterRoot(directory: string): void {
  check(libc.chroot(cString(directory)), 'chroot', directory);
  check(libc.chdir(cString('/')), 'chdir', '/');
}

/** The kernel kills this process when its parent ends, however that ends. */
export function dieWithParent(): void {
  check(libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0), 'prctl');
}

/** SIGKILL to a process and all below it that can be seen now. */
export function killTree(pid: number): void {
  if (pid <= 0) return;
  for (const child of childrenOf(pid)) killTree(child);
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw error;
  }
}

/** Empty where the kernel does not tell, and of one that is gone. */
function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Modes are as given from here on. */
export function clearUmask(): void {
  libc.umask(0);
}
