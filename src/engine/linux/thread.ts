/**
 * What one thread does to itself, on its way into a container: namespaces, user, capabilities, seccomp. The C library
 * spreads some of these calls over all threads of a process (setuid and its family); here they are made as the kernel
 * has them, so that only the calling thread changes, and whatever it starts afterwards.
 * https://man7.org/linux/man-pages/man7/capabilities.7.html
 */
import { ptr } from 'bun:ffi';
import { check, cString, libc, systemCall } from './libc.ts';

/** The kernel's numbers of calls that have no wrapper, or one that does more. */
const numbers =
  process.arch === 'arm64'
    ? { setgroups: 159, setresuid: 147, setresgid: 149, keyctl: 219, capset: 91, setns: 268, unshare: 97 }
    : { setgroups: 116, setresuid: 117, setresgid: 119, keyctl: 250, capset: 126, setns: 308, unshare: 272 };
const newer = { pidfd_open: 434, close_range: 436 };

const CLONE_FS = 0x200;
/** Mount, cgroup, UTS, IPC, PID and network. */
const everyNamespace = 0x20000 | 0x2000000 | 0x4000000 | 0x8000000 | 0x20000000 | 0x40000000;
const CLOSE_RANGE_CLOEXEC = 4;
const KEYCTL_JOIN_SESSION_KEYRING = 1;

const PR_SET_DUMPABLE = 4;
const PR_SET_KEEPCAPS = 8;
const PR_SET_SECCOMP = 22;
const PR_CAPBSET_READ = 23;
const PR_CAPBSET_DROP = 24;
const PR_SET_NO_NEW_PRIVS = 38;
const PR_CAP_AMBIENT = 47;
const PR_CAP_AMBIENT_CLEAR_ALL = 4;
const SECCOMP_MODE_FILTER = 2;
const CAPABILITY_VERSION_3 = 0x20080522;
const lastCapability = 63;

function call(name: keyof typeof numbers | keyof typeof newer, ...values: readonly number[]): number {
  return check(systemCall({ ...numbers, ...newer }[name], ...values), name);
}

/** A descriptor that stands for a process, also after its number has passed to another. @throws SystemCallError ESRCH */
export function openProcess(pid: number): number {
  return call('pidfd_open', pid);
}

/** Takes this thread, and what it starts, to where that process is. @throws SystemCallError */
export function joinNamespacesOf(process: number): void {
  // The directory and the root are shared by all threads until then, and a shared one cannot move.
  call('unshare', CLONE_FS);
  call('setns', process, everyNamespace);
}

/** The kernel's key ring of a container, by the name that its runtime has given it. Not every kernel has any. */
export function joinSessionKeyring(name: string): void {
  const text = cString(name);
  systemCall(numbers.keyctl, KEYCTL_JOIN_SESSION_KEYRING, ptr(text));
}

/** Nobody inside can look into this process or take its program file from /proc. */
export function hideFromOthers(): void {
  check(libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), 'prctl');
}

/** Programs started from here on inherit the first three descriptors, and no other. */
export function keepOnlyStdio(): void {
  call('close_range', 3, 0xffffffff, CLOSE_RANGE_CLOEXEC);
}

export function setNoNewPrivileges(): void {
  check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 'prctl');
}

/** @param filter BPF instructions of 8 bytes each, https://docs.kernel.org/userspace-api/seccomp_filter.html */
export function installFilter(filter: Uint8Array): void {
  const program = new BigUint64Array([BigInt(filter.length / 8), BigInt(ptr(filter))]);
  check(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ptr(program), 0, 0), 'seccomp');
}

/** @param kept numbers of capabilities. */
export function limitBoundingSet(kept: ReadonlySet<number>): void {
  for (let number = 0; number <= lastCapability; number++) {
    // Below 0: the kernel does not know it, nor any above it.
    if (libc.prctl(PR_CAPBSET_READ, number, 0, 0, 0) < 0) return;
    if (!kept.has(number)) check(libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0), 'prctl');
  }
}

/** Another user, with the capabilities that this thread has: `setCapabilities` takes them away. */
export function becomeUser(uid: number, gid: number, groups: readonly number[]): void {
  check(libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), 'prctl');
  // Never empty, so that there is something to point to; the length decides.
  const list = Uint32Array.of(...groups, 0);
  call('setgroups', groups.length, ptr(list));
  call('setresgid', gid, gid, gid);
  call('setresuid', uid, uid, uid);
  check(libc.prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0), 'prctl');
}

/** Sets of capabilities by number. */
export interface CapabilitySets {
  readonly effective: ReadonlySet<number>;
  readonly permitted: ReadonlySet<number>;
  readonly inheritable: ReadonlySet<number>;
}

export function setCapabilities({ effective, permitted, inheritable }: CapabilitySets): void {
  const header = Uint32Array.of(CAPABILITY_VERSION_3, 0);
  const sets = [effective, permitted, inheritable];
  const words = [0, 32].flatMap((from) => sets.map((set) => word(set, from)));
  const data = Uint32Array.from(words);
  call('capset', ptr(header), ptr(data));
  check(libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), 'prctl');
}

function word(set: ReadonlySet<number>, from: number): number {
  let bits = 0;
  for (const number of set) if (number >= from && number < from + 32) bits |= 1 << (number - from);
  return bits >>> 0;
}
