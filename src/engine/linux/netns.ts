/**
 * Network namespaces as files, made without a process: unshare(2), bind mount, setns(2) back.
 * A namespace belongs to a thread, and this is the JavaScript thread: between leaving the host's namespace and the return to
 * it nothing may await, which is why the callbacks are synchronous. Threads that the runtime starts meanwhile (garbage
 * collector, compiler) would be born in the other namespace and do no networking. Measured: 0.6 ms, `ip netns add` 5 ms.
 */
import { dlopen } from 'bun:ffi';
import { closeSync, openSync, unlinkSync, writeFileSync } from 'node:fs';
import { errnoOf, UnavailableError } from '../../lib/errors.ts';
import { detach, mount, mountFlags } from './mount.ts';

const library = dlopen('libc.so.6', {
  unshare: { args: ['i32'], returns: 'i32' },
  setns: { args: ['i32', 'i32'], returns: 'i32' },
}).symbols;

const newNetworkNamespace = 0x40000000;
const ownNamespace = '/proc/thread-self/ns/net';

/**
 * Makes a network namespace, keeps it as a bind mount on the new file `path`, and runs `inside` in it.
 * Nothing is left when it throws.
 */
export function createNetns<T>(path: string, inside: () => T): T {
  writeFileSync(path, '', { flag: 'wx', mode: 0o444 });
  try {
    return visiting(() => {
      check(library.unshare(newNetworkNamespace), 'make a network namespace');
      mount({ type: 'none', source: ownNamespace, target: path, flags: mountFlags.bind });
      return inside();
    });
  } catch (error) {
    removeNetns(path);
    throw error;
  }
}

/** Runs `inside` in the namespace that is kept at `path`. @throws UnavailableError when there is none. */
export function inNetns<T>(path: string, inside: () => T): T {
  const namespace = openSync(path, 'r');
  try {
    return visiting(() => {
      check(library.setns(namespace, newNetworkNamespace), 'enter a network namespace');
      return inside();
    });
  } finally {
    closeSync(namespace);
  }
}

/** Forgets the namespace; the kernel clears it away, with its interfaces, when its last process has ended. Idempotent. */
export function removeNetns(path: string): void {
  ignoring(['EINVAL', 'ENOENT'], () => detach(path));
  ignoring(['ENOENT'], () => unlinkSync(path));
}

/** Comes back to where the thread was, whatever happens on the way. */
function visiting<T>(journey: () => T): T {
  const home = openSync(ownNamespace, 'r');
  try {
    return journey();
  } finally {
    const returned = library.setns(home, newNetworkNamespace);
    closeSync(home);
    check(returned, 'return to the network namespace of the host');
  }
}

function check(result: number, what: string): void {
  if (result !== 0) throw new UnavailableError(`cannot ${what}: is the engine root?`);
}

/** Not mounted, or not there: what was wanted. */
function ignoring(codes: readonly string[], action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!codes.includes(errnoOf(error) ?? '')) throw error;
  }
}
