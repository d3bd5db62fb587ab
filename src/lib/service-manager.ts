/**
 * What systemd and a service tell each other: sockets that it has opened (man 3 sd_listen_fds), and how the service is
 * (man 3 sd_notify). Without systemd none of it happens.
 */
import { FFIType, dlopen, ptr } from 'bun:ffi';
import { closeDescriptor, keepFromChildren } from './listening-socket.ts';

type Environment = Record<string, string | undefined>;

export interface ServiceManager extends Disposable {
  /**
   * A socket that was opened for this program, by the name that the unit gives it; once each.
   * @param others true: one whose name nobody knows will do.
   */
  takeSocket(name: SocketName, others?: boolean): number | undefined;
  /** It serves: units that wait for it begin. From here on it says that it lives. */
  ready(status: string): void;
  /** It is about to end. */
  stopping(): void;
}

const socketNames = ['hub', 'http', 'engine'] as const;
type SocketName = (typeof socketNames)[number];

const firstDescriptor = 3;

/** Takes what systemd says out of `env`: it is said to this process, and not to its children. */
export function connectServiceManager(env: Environment): ServiceManager {
  const sockets = takeSockets(env);
  const notify = notifier(env['NOTIFY_SOCKET']);
  const interval = watchdogInterval(env);
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete env[name];
  let watchdog: Timer | undefined;
  return {
    takeSocket(name, others = false) {
      const index = sockets.findIndex((socket) => socket.name === name || (others && !isKnown(socket.name)));
      return index === -1 ? undefined : sockets.splice(index, 1)[0]?.descriptor;
    },
    ready(status) {
      notify(`READY=1\nSTATUS=${status}`);
      if (interval !== undefined) watchdog = setInterval(() => notify('WATCHDOG=1'), interval);
    },
    stopping: () => notify('STOPPING=1'),
    [Symbol.dispose]: () => clearInterval(watchdog),
  };
}

function isKnown(name: string): boolean {
  return socketNames.some((known) => known === name);
}

function takeSockets(env: Environment): { readonly name: string; readonly descriptor: number }[] {
  const count = env['LISTEN_PID'] === String(process.pid) ? Number(env['LISTEN_FDS']) : 0;
  const names = env['LISTEN_FDNAMES']?.split(':') ?? [];
  for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) delete env[name];
  return Array.from({ length: count }, (_, index) => {
    const descriptor = firstDescriptor + index;
    keepFromChildren(descriptor);
    return { name: names[index] ?? '', descriptor };
  });
}

/** Half of the time that systemd waits for a word, in milliseconds. */
function watchdogInterval(env: Environment): number | undefined {
  const isOurs = env['WATCHDOG_PID'] === undefined || env['WATCHDOG_PID'] === String(process.pid);
  const wait = Number(env['WATCHDOG_USEC']);
  return isOurs && wait > 0 ? wait / 2000 : undefined;
}

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_NOSIGNAL = 0x4000;

/** Bun has no datagrams on unix sockets: by the C library. What cannot be said is left unsaid, as libsystemd does. */
function notifier(path: string | undefined): (state: string) => void {
  if (path === undefined || !/^[/@]/.test(path)) return () => undefined;
  const { symbols: libc } = dlopen('libc.so.6', {
    sendto: { args: ['i32', 'ptr', 'u64', 'i32', 'ptr', 'u32'], returns: FFIType.i64_fast },
    socket: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
  });
  const family = Buffer.alloc(2);
  family.writeUInt16LE(AF_UNIX);
  // A name that begins with @ is in no directory; its first byte is zero.
  const address = Buffer.concat([family, Buffer.from(path.replace(/^@/, '\0'))]);
  return (state) => {
    const descriptor = libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return;
    const text = Buffer.from(state);
    libc.sendto(descriptor, ptr(text), text.length, MSG_NOSIGNAL, ptr(address), address.length);
    closeDescriptor(descriptor);
  };
}
