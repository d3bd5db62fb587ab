/**
 * Listening sockets that outlive a server: one that a service manager has opened, or one that goes from a server to its successor.
 * Bun.serve opens its own and takes none that is there, so the one that is wanted is put into the place of the server's own: over
 * its descriptor, and watched by the event loop in the same way, which the kernel tells in /proc (man 5 proc, fdinfo of epoll).
 * docs/decisions/0028 weighs it.
 */
import { dlopen, ptr } from 'bun:ffi';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { UnavailableError } from './errors.ts';

const { symbols: libc } = dlopen('libc.so.6', {
  close: { args: ['i32'], returns: 'i32' },
  dup3: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
  epoll_ctl: { args: ['i32', 'i32', 'i32', 'ptr'], returns: 'i32' },
  fcntl: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
  getsockname: { args: ['i32', 'ptr', 'ptr'], returns: 'i32' },
});

const F_SETFD = 2;
const F_SETFL = 4;
const F_DUPFD_CLOEXEC = 1030;
const FD_CLOEXEC = 1;
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const AF_INET = 2;
const AF_INET6 = 10;

/** A server's socket, so that another server can listen on it. */
export interface ListeningSocket {
  readonly descriptor: number;
}

/** Starts a server and finds the socket that it listens on. It must listen before it returns. */
export function withSocketOf<Server>(start: () => Server): { server: Server; socket: ListeningSocket } {
  const before = new Set(ownListeners().keys());
  const server = start();
  const descriptor = [...ownListeners()].find(([inode]) => !before.has(inode))?.[1];
  if (descriptor === undefined) throw unable('its descriptor is not in /proc/self/fd');
  return { server, socket: { descriptor } };
}

/**
 * Lets a server listen on another socket than its own, which is closed. Nothing may have run since the server began.
 * @param wanted stays open, and its owner's.
 */
export function listenInstead(own: ListeningSocket, wanted: number): void {
  const watch = watchOf(own.descriptor);
  // One that waits in accept would keep everything else waiting.
  check(libc.fcntl(wanted, F_SETFL, O_NONBLOCK), 'fcntl');
  // The old socket is closed by this, and with its last descriptor epoll forgets it.
  check(libc.dup3(wanted, own.descriptor, O_CLOEXEC), 'dup3');
  const event = Buffer.alloc(12);
  event.writeUInt32LE(watch.events, 0);
  event.writeBigUInt64LE(watch.data, 4);
  check(libc.epoll_ctl(watch.epoll, EPOLL_CTL_ADD, own.descriptor, ptr(event)), 'epoll_ctl');
}

/** Another descriptor of the same socket, which children don't inherit. */
export function duplicate(descriptor: number): number {
  return check(libc.fcntl(descriptor, F_DUPFD_CLOEXEC, 0), 'fcntl');
}

export function keepFromChildren(descriptor: number): void {
  check(libc.fcntl(descriptor, F_SETFD, FD_CLOEXEC), 'fcntl');
}

export function closeDescriptor(descriptor: number): void {
  libc.close(descriptor);
}

/** Where a socket listens; undefined when it is none of the internet's. */
export function addressOf(
  descriptor: number,
): { readonly hostname: string; readonly port: number } | undefined {
  const address = Buffer.alloc(128);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(address.length);
  check(libc.getsockname(descriptor, ptr(address), ptr(length)), 'getsockname');
  const family = address.readUInt16LE(0);
  const port = address.readUInt16BE(2);
  if (family === AF_INET) return { hostname: address.subarray(4, 8).join('.'), port };
  if (family !== AF_INET6) return undefined;
  const groups = Array.from({ length: 8 }, (_, index) => address.readUInt16BE(8 + 2 * index).toString(16));
  // As URL writes it: the longest row of zeros is left out.
  return { hostname: new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1), port };
}

interface Watch {
  readonly epoll: number;
  readonly events: number;
  readonly data: bigint;
}

/** How the event loop watches a descriptor. */
function watchOf(descriptor: number): Watch {
  for (const [epoll, target] of ownDescriptors()) {
    if (target !== 'anon_inode:[eventpoll]') continue;
    const entries = readFileSync(`/proc/self/fdinfo/${epoll}`, 'utf8').matchAll(
      /^tfd:\s+(\d+) events:\s+([\da-f]+) data:\s+([\da-f]+)/gm,
    );
    for (const [, watched, events = '', data = ''] of entries) {
      if (Number(watched) !== descriptor) continue;
      return { epoll, events: Number.parseInt(events, 16), data: BigInt(`0x${data}`) };
    }
  }
  throw unable('no event loop watches it');
}

/** This process's sockets that listen on a port: inode and descriptor. */
function ownListeners(): ReadonlyMap<string, number> {
  const inodes = new Set(['tcp', 'tcp6'].flatMap(listeningInodes));
  const found = new Map<string, number>();
  for (const [descriptor, target] of ownDescriptors()) {
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode !== undefined && inodes.has(inode)) found.set(inode, descriptor);
  }
  return found;
}

/** Of every process in this network: the 10th word of a line whose state (the 4th) is LISTEN. */
function listeningInodes(protocol: string): string[] {
  const lines = readFileSync(`/proc/self/net/${protocol}`, 'utf8').split('\n').slice(1);
  return lines.flatMap((line) => {
    const words = line.trim().split(/\s+/);
    return words[3] === '0A' && words[9] !== undefined ? [words[9]] : [];
  });
}

function ownDescriptors(): [descriptor: number, target: string][] {
  return readdirSync('/proc/self/fd').flatMap((name): [number, string][] => {
    try {
      return [[Number(name), readlinkSync(`/proc/self/fd/${name}`)]];
    } catch {
      // The one that listed the directory is closed again.
      return [];
    }
  });
}

function check(result: number, call: string): number {
  if (result < 0) throw unable(`${call} failed`);
  return result;
}

function unable(reason: string): UnavailableError {
  return new UnavailableError(`cannot take over a listening socket: ${reason}`);
}
