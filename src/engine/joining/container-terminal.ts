/** A terminal of the container's own devpts for an exec: one side goes to conmon, the other is the process's. */
import { closeSync, constants, openSync } from 'node:fs';
import { InvalidError } from '../../lib/errors.ts';
import type { RuntimeProcess } from '../../oci/runtime/runtime-spec.ts';
import { changeOpenOwner, statFile } from '../linux/file.ts';
import { check, libc } from '../linux/libc.ts';
import { passDescriptor } from '../linux/pass-descriptor.ts';

const TIOCSPTLCK = 0x40045431;
const TIOCGPTN = 0x80045430;
const TIOCSWINSZ = 0x5414;
const multiplexer = '/dev/ptmx';

/** Called inside, as the host's root. @returns the path of the process's side. @throws InvalidError, SystemCallError */
export function openTerminal({ user, consoleSize }: RuntimeProcess, consoleSocket: number): string {
  const ours = openSync(multiplexer, constants.O_RDWR | constants.O_NOCTTY);
  const { major, minor } = statFile(ours, '');
  // Whoever is root inside could have put anything in its place.
  if (major !== 5 || minor !== 2) throw new InvalidError(`${multiplexer} is no terminal multiplexer`);
  check(libc.ioctl(ours, TIOCSPTLCK, new Int32Array(1)), 'ioctl', multiplexer);
  const number = new Int32Array(1);
  check(libc.ioctl(ours, TIOCGPTN, number), 'ioctl', multiplexer);
  if (consoleSize) {
    const size = Uint16Array.of(consoleSize.height, consoleSize.width, 0, 0);
    check(libc.ioctl(ours, TIOCSWINSZ, size), 'ioctl', multiplexer);
  }
  const path = `/dev/pts/${number[0]}`;
  giveTo(path, user.uid);
  passDescriptor(consoleSocket, ours, multiplexer);
  return path;
}

function giveTo(path: string, uid: number): void {
  const theirs = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  try {
    const { gid, major } = statFile(theirs, '');
    // 136 to 143 are the terminals of devpts (Documentation/admin-guide/devices.txt).
    if (major < 136 || major > 143) throw new InvalidError(`${path} is no terminal`);
    changeOpenOwner(theirs, uid, gid);
  } finally {
    closeSync(theirs);
  }
}
