/** What a child process does to itself before it touches hostile input. */
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

/** Modes are as given from here on. */
export function clearUmask(): void {
  libc.umask(0);
}
