/**
 * Client sockets as descriptors, by socket(2) and connect(2) through bun:ffi: of type SOCK_SEQPACKET, which neither Node nor
 * Bun can make (conmon's attach socket is one; `Bun.connect({ fd })` takes it over), and plain ones to pass descriptors over.
 */
import { dlopen, FFIType, ptr, read } from 'bun:ffi';
import { closeSync, constants, openSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { UnavailableError } from '../../lib/errors.ts';

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_SEQPACKET = 5;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const O_PATH = 0o10000000;
/** sizeof(sun_path) of unix(7). */
const pathSize = 108;

const libc = dlopen('libc.so.6', {
  socket: { args: [FFIType.i32, FFIType.i32, FFIType.i32], returns: FFIType.i32 },
  connect: { args: [FFIType.i32, FFIType.ptr, FFIType.u32], returns: FFIType.i32 },
  __errno_location: { args: [], returns: FFIType.ptr },
});

/** A connected, non-blocking descriptor; whoever takes it closes it. @throws UnavailableError when nobody listens there. */
export function connectSeqpacket(path: string): number {
  return connect(path, SOCK_SEQPACKET | SOCK_NONBLOCK);
}

/** The same of type SOCK_STREAM, and blocking. */
export function connectStream(path: string): number {
  return connect(path, SOCK_STREAM);
}

/** The directory is named through /proc/self/fd, so that the path may be longer than a socket address holds. */
function connect(path: string, type: number): number {
  const directory = openSync(dirname(path), O_PATH | constants.O_DIRECTORY);
  const fd = libc.symbols.socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
  try {
    const address = socketAddress(`/proc/self/fd/${directory}/${basename(path)}`);
    if (fd >= 0 && libc.symbols.connect(fd, ptr(address), address.length) === 0) return fd;
    const location = libc.symbols.__errno_location();
    const errno = location === null ? 0 : read.i32(location, 0);
    if (fd >= 0) closeSync(fd);
    throw new UnavailableError(`cannot connect to ${path}: errno ${errno}`);
  } finally {
    closeSync(directory);
  }
}

function socketAddress(path: string): Uint8Array {
  const bytes = new Uint8Array(2 + pathSize);
  new DataView(bytes.buffer).setUint16(0, AF_UNIX, true);
  bytes.set(new TextEncoder().encode(path), 2);
  return bytes;
}
