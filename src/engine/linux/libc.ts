/**
 * The C library's functions that Bun lacks, by bun:ffi, and their errno as errors with a `code`.
 * Calls are synchronous: what may take long (a big write, syncfs) belongs into a child process.
 */
import { FFIType, dlopen, read } from 'bun:ffi';
import { constants } from 'node:os';

const { symbols } = dlopen('libc.so.6', {
  __errno_location: { args: [], returns: 'ptr' },
  chdir: { args: ['ptr'], returns: 'i32' },
  chroot: { args: ['ptr'], returns: 'i32' },
  close: { args: ['i32'], returns: 'i32' },
  fallocate: { args: ['i32', 'i32', 'i64', 'i64'], returns: 'i32' },
  fchdir: { args: ['i32'], returns: 'i32' },
  fchmod: { args: ['i32', 'u32'], returns: 'i32' },
  fchmodat: { args: ['i32', 'ptr', 'u32', 'i32'], returns: 'i32' },
  fchown: { args: ['i32', 'u32', 'u32'], returns: 'i32' },
  fchownat: { args: ['i32', 'ptr', 'u32', 'u32', 'i32'], returns: 'i32' },
  ftruncate: { args: ['i32', 'i64'], returns: 'i32' },
  futimens: { args: ['i32', 'ptr'], returns: 'i32' },
  getcwd: { args: ['ptr', 'u64'], returns: 'ptr' },
  getdents64: { args: ['i32', 'ptr', 'u64'], returns: 'i32' },
  ioctl: { args: ['i32', 'u64', 'ptr'], returns: 'i32' },
  lgetxattr: { args: ['ptr', 'ptr', 'ptr', 'u64'], returns: 'i32' },
  linkat: { args: ['i32', 'ptr', 'i32', 'ptr', 'i32'], returns: 'i32' },
  llistxattr: { args: ['ptr', 'ptr', 'u64'], returns: 'i32' },
  lremovexattr: { args: ['ptr', 'ptr'], returns: 'i32' },
  lseek: { args: ['i32', 'i64', 'i32'], returns: FFIType.i64_fast },
  lsetxattr: { args: ['ptr', 'ptr', 'ptr', 'u64', 'i32'], returns: 'i32' },
  mkdirat: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
  mknodat: { args: ['i32', 'ptr', 'u32', 'u64'], returns: 'i32' },
  mount: { args: ['ptr', 'ptr', 'ptr', 'u64', 'ptr'], returns: 'i32' },
  openat: { args: ['i32', 'ptr', 'i32', 'u32'], returns: 'i32' },
  poll: { args: ['ptr', 'u64', 'i32'], returns: 'i32' },
  prctl: { args: ['i32', 'u64', 'u64', 'u64', 'u64'], returns: 'i32' },
  pwrite: { args: ['i32', 'ptr', 'u64', 'i64'], returns: FFIType.i64_fast },
  readlinkat: { args: ['i32', 'ptr', 'ptr', 'u64'], returns: 'i32' },
  sendfile: { args: ['i32', 'i32', 'ptr', 'u64'], returns: FFIType.i64_fast },
  statx: { args: ['i32', 'ptr', 'i32', 'u32', 'ptr'], returns: 'i32' },
  symlinkat: { args: ['ptr', 'i32', 'ptr'], returns: 'i32' },
  syscall: { args: ['i64', 'i64', 'i64', 'i64', 'i64', 'i64'], returns: FFIType.i64_fast },
  syncfs: { args: ['i32'], returns: 'i32' },
  umask: { args: ['u32'], returns: 'u32' },
  umount2: { args: ['ptr', 'i32'], returns: 'i32' },
  unlinkat: { args: ['i32', 'ptr', 'i32'], returns: 'i32' },
  utimensat: { args: ['i32', 'ptr', 'ptr', 'i32'], returns: 'i32' },
  write: { args: ['i32', 'ptr', 'u64'], returns: FFIType.i64_fast },
});

/** The functions themselves; their result goes through `check`. */
export const libc = symbols;

/** "The current directory" where a directory's descriptor is asked for. */
export const AT_FDCWD = -100;

const names = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));

/** A system call that failed, in the shape of Node's own: `code` is the errno's name. */
export class SystemCallError extends Error {
  override readonly name = 'SystemCallError';
  readonly code: string;
  readonly syscall: string;

  constructor(code: string, syscall: string, path?: Path) {
    super(`${code}: ${syscall}${path === undefined ? '' : ` '${path.toString()}'`}`);
    this.code = code;
    this.syscall = syscall;
  }
}

/** A path or a name: text, or bytes that need not be UTF-8. */
export type Path = string | Buffer;

/** With the zero at its end that C wants. */
export function cString(path: Path): Buffer {
  if (typeof path === 'string') return Buffer.from(`${path}\0`);
  const bytes = Buffer.alloc(path.length + 1);
  bytes.set(path);
  return bytes;
}

/**
 * Returns the result of a call, or throws what errno says. Has to be the first thing after the call:
 * anything in between may make system calls of its own.
 * @throws SystemCallError
 */
export function check(result: number, syscall: string, path?: Path): number {
  if (result >= 0) return result;
  throw new SystemCallError(lastErrno(), syscall, path);
}

/** A call by the kernel's own number, for what has no wrapper. Its result goes through `check`. */
export function systemCall(number: number, ...values: readonly number[]): number {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = values;
  return Number(symbols.syscall(number, a, b, c, d, e));
}

function lastErrno(): string {
  const location = symbols.__errno_location();
  const number = location === null ? 0 : read.i32(location, 0);
  return errnoName(number);
}

/** `ENOENT` and so on. */
export function errnoName(number: number): string {
  return names.get(number) ?? `errno ${number}`;
}
