/** Device nodes and fifos: mknod(2), with the numbers packed as Linux does. */
import { AT_FDCWD, type Path, check, cString, libc } from './libc.ts';

export const fileTypes = {
  fifo: 0o010000,
  character: 0o020000,
  directory: 0o040000,
  block: 0o060000,
  regular: 0o100000,
  symlink: 0o120000,
  socket: 0o140000,
  mask: 0o170000,
} as const;

/** Makes a node. @param mode permissions or-ed with one of `fileTypes`. */
export function makeNode(path: Path, mode: number, major = 0, minor = 0): void {
  check(libc.mknodat(AT_FDCWD, cString(path), mode, packDevice(major, minor)), 'mknod', path);
}

/** The C library's makedev(3). */
function packDevice(major: number, minor: number): bigint {
  const ma = BigInt(major);
  const mi = BigInt(minor);
  return ((ma & 0xfffff000n) << 32n) | ((ma & 0xfffn) << 8n) | ((mi & 0xffffff00n) << 12n) | (mi & 0xffn);
}
