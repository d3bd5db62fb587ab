/**
 * Files by descriptor and by name in a directory's descriptor (openat and its family), names in bytes, times in
 * nanoseconds. For code that walks trees which somebody else may be changing: nothing here follows a symbolic link
 * in the last part of a name.
 */
import { AT_FDCWD, type Path, SystemCallError, check, cString, libc } from './libc.ts';

/** Seconds since 1970, maybe negative, and the nanoseconds on top of them. */
export interface Timestamp {
  readonly seconds: number;
  readonly nanoseconds: number;
}

export interface FileStat {
  /** Type and permissions. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Bytes on disk: less than `size` where there are holes. */
  readonly allocated: number;
  readonly links: number;
  readonly inode: bigint;
  /** The file system's number: with the inode, what tells two files apart. */
  readonly device: number;
  readonly mtime: Timestamp;
  /** Of a device node. */
  readonly major: number;
  readonly minor: number;
}

export const openFlags = {
  read: 0,
  write: 1,
  create: 0o100,
  exclusive: 0o200,
  nonBlocking: 0o4000,
  directory: process.arch === 'arm64' ? 0o40000 : 0o200000,
  noFollow: process.arch === 'arm64' ? 0o100000 : 0o400000,
  closeOnExec: 0o2000000,
  path: 0o10000000,
} as const;

const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_REMOVEDIR = 0x200;
const AT_EMPTY_PATH = 0x1000;
const STATX_BASIC_STATS = 0x7ff;

/** @returns a descriptor; close it with `closeFile`. */
export function openFile(directory: number, name: Path, flags: number, mode = 0): number {
  return check(
    libc.openat(directory, cString(name), flags | openFlags.noFollow | openFlags.closeOnExec, mode),
    'open',
    name,
  );
}

/** A directory to walk; a link in its place is ENOTDIR. */
export function openDirectory(directory: number, name: Path): number {
  return openFile(directory, name, openFlags.read | openFlags.directory);
}

export function closeFile(file: number): void {
  check(libc.close(file), 'close');
}

/** The entry itself; an empty name means the descriptor's own file. */
export function statFile(directory: number, name: Path): FileStat {
  const raw = new Uint8Array(256);
  const flags = AT_SYMLINK_NOFOLLOW | (name.length === 0 ? AT_EMPTY_PATH : 0);
  check(libc.statx(directory, cString(name), flags, STATX_BASIC_STATS, raw), 'stat', name);
  return parseStatx(new DataView(raw.buffer));
}

/** What is behind a path once its links are followed. For processes that are shut into a root of their own. */
export function statFollowing(path: Path): FileStat {
  const raw = new Uint8Array(256);
  check(libc.statx(AT_FDCWD, cString(path), 0, STATX_BASIC_STATS, raw), 'stat', path);
  return parseStatx(new DataView(raw.buffer));
}

/** struct statx, https://man7.org/linux/man-pages/man2/statx.2.html */
function parseStatx(raw: DataView): FileStat {
  return {
    links: raw.getUint32(16, true),
    uid: raw.getUint32(20, true),
    gid: raw.getUint32(24, true),
    mode: raw.getUint16(28, true),
    inode: raw.getBigUint64(32, true),
    size: Number(raw.getBigUint64(40, true)),
    allocated: Number(raw.getBigUint64(48, true)) * 512,
    mtime: { seconds: Number(raw.getBigInt64(112, true)), nanoseconds: raw.getUint32(120, true) },
    major: raw.getUint32(128, true),
    minor: raw.getUint32(132, true),
    device: raw.getUint32(136, true) * 0x100000 + raw.getUint32(140, true),
  };
}

/** The names in a directory, in the kernel's order, `.` and `..` left out. */
export function readNames(directory: number): Buffer[] {
  const names: Buffer[] = [];
  const raw = Buffer.alloc(65536);
  for (;;) {
    const size = check(libc.getdents64(directory, raw, raw.length), 'getdents64');
    if (size === 0) return names;
    for (let at = 0; at < size; at += raw.readUInt16LE(at + 16)) {
      const start = at + 19;
      const name = Buffer.from(raw.subarray(start, raw.indexOf(0, start)));
      if (!isDotOrDotDot(name)) names.push(name);
    }
  }
}

function isDotOrDotDot(name: Buffer): boolean {
  return name[0] === 0x2e && (name.length === 1 || (name.length === 2 && name[1] === 0x2e));
}

export function readLink(directory: number, name: Path): Buffer {
  const target = Buffer.alloc(4096);
  const size = check(libc.readlinkat(directory, cString(name), target, target.length), 'readlink', name);
  return target.subarray(0, size);
}

export function makeDirectory(path: Path, mode: number): void {
  check(libc.mkdirat(AT_FDCWD, cString(path), mode), 'mkdir', path);
}

export function makeSymlink(target: Path, path: Path): void {
  check(libc.symlinkat(cString(target), AT_FDCWD, cString(path)), 'symlink', path);
}

/** Gives the file at `existing` a second name. A link at `existing` is linked itself. */
export function makeHardLink(existing: Path, path: Path): void {
  check(libc.linkat(AT_FDCWD, cString(existing), AT_FDCWD, cString(path), 0), 'link', path);
}

export function removeFile(path: Path): void {
  check(libc.unlinkat(AT_FDCWD, cString(path), 0), 'unlink', path);
}

export function removeDirectory(path: Path): void {
  check(libc.unlinkat(AT_FDCWD, cString(path), AT_REMOVEDIR), 'rmdir', path);
}

export function changeOwner(path: Path, uid: number, gid: number): void {
  check(libc.fchownat(AT_FDCWD, cString(path), uid, gid, AT_SYMLINK_NOFOLLOW), 'lchown', path);
}

/** Follows a link, as Linux has no modes on links: call it for anything else only. */
export function changeMode(path: Path, mode: number): void {
  check(libc.fchmodat(AT_FDCWD, cString(path), mode, 0), 'chmod', path);
}

/** Sets both times to `mtime`. */
export function changeTimes(path: Path, mtime: Timestamp): void {
  check(libc.utimensat(AT_FDCWD, cString(path), timespecs(mtime), AT_SYMLINK_NOFOLLOW), 'utimensat', path);
}

/** `changeOwner`, `changeMode` and `changeTimes` of an open file. */
export function changeOpenOwner(file: number, uid: number, gid: number): void {
  check(libc.fchown(file, uid, gid), 'fchown');
}

export function changeOpenMode(file: number, mode: number): void {
  check(libc.fchmod(file, mode), 'fchmod');
}

export function changeOpenTimes(file: number, mtime: Timestamp): void {
  check(libc.futimens(file, timespecs(mtime)), 'futimens');
}

function timespecs({ seconds, nanoseconds }: Timestamp): BigInt64Array {
  const [s, ns] = [BigInt(seconds), BigInt(nanoseconds)];
  return BigInt64Array.of(s, ns, s, ns);
}

/** Makes the file exactly `size` long; what is not written is a hole. */
export function truncate(file: number, size: number): void {
  check(libc.ftruncate(file, size), 'ftruncate');
}

/** Writes all of `bytes` at the file's position. */
export function writeFully(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) {
    const rest = done === 0 ? bytes : bytes.subarray(done);
    const written = Number(libc.write(file, rest, rest.length));
    if (written >= 0) done += written;
    else waitOrThrow(file, written, 'write');
  }
}

/** Writes all of `bytes` at an offset. */
export function writeFullyAt(file: number, bytes: Uint8Array, offset: number): void {
  for (let done = 0; done < bytes.length;) {
    const rest = done === 0 ? bytes : bytes.subarray(done);
    done += check(Number(libc.pwrite(file, rest, rest.length, offset + done)), 'pwrite');
  }
}

/** Copies at most `size` bytes of a file to a pipe, a socket or another file inside the kernel. @returns how many there were. */
export function sendFile(to: number, from: number, size: number): number {
  let done = 0;
  while (done < size) {
    const sent = Number(libc.sendfile(to, from, null, Math.min(size - done, 1 << 30)));
    if (sent === 0) break;
    if (sent > 0) done += sent;
    else waitOrThrow(to, sent, 'sendfile');
  }
  return done;
}

const SEEK_SET = 0;
const SEEK_DATA = 3;
const SEEK_HOLE = 4;

/**
 * Copies `size` bytes of a file to a file that is empty, inside the kernel; holes stay holes.
 * @returns how many there were.
 */
export function copyHoles(to: number, from: number, size: number): number {
  truncate(to, size);
  let done = 0;
  for (let at = seek(from, 0, SEEK_DATA); at !== undefined && at < size; at = seek(from, done, SEEK_DATA)) {
    const end = Math.min(seek(from, at, SEEK_HOLE) ?? size, size);
    seek(from, at, SEEK_SET);
    seek(to, at, SEEK_SET);
    if (sendFile(to, from, end - at) < end - at) return at;
    done = end;
  }
  return size;
}

/** @returns undefined beyond the last data. */
function seek(file: number, offset: number, whence: number): number | undefined {
  try {
    return check(Number(libc.lseek(file, offset, whence)), 'lseek');
  } catch (error) {
    if (error instanceof SystemCallError && error.code === 'ENXIO') return undefined;
    throw error;
  }
}

/** From here on relative paths begin in an open directory. */
export function changeDirectory(directory: number): void {
  check(libc.fchdir(directory), 'fchdir');
}

/** A descriptor that doesn't block says EAGAIN: then wait until it takes more. */
function waitOrThrow(file: number, result: number, syscall: string): void {
  try {
    check(result, syscall);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EINTR') return;
    if (code !== 'EAGAIN') throw error;
    const POLLOUT = 4;
    libc.poll(Int32Array.of(file, POLLOUT), 1, -1);
  }
}

/** Everything written to the file system that holds `path` is on disk afterwards. Takes its time. */
export function syncFilesystem(path: Path): void {
  const file = openDirectory(AT_FDCWD, path);
  try {
    check(libc.syncfs(file), 'syncfs', path);
  } finally {
    closeFile(file);
  }
}
