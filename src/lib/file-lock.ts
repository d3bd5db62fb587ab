/** flock(2): held by an open file or directory, and given back by the kernel however its process ends. */
import { dlopen, FFIType } from 'bun:ffi';
import { closeSync, openSync } from 'node:fs';
import { UnavailableError } from './errors.ts';

const { symbols } = dlopen('libc.so.6', {
  flock: { args: [FFIType.i32, FFIType.i32], returns: FFIType.i32 },
});
const LOCK_EX = 2;
const LOCK_NB = 4;

/** Until the descriptor is closed. @returns false where it is locked already, by whomever else has opened it. */
export function tryLock(descriptor: number): boolean {
  return symbols.flock(descriptor, LOCK_EX | LOCK_NB) === 0;
}

const patience = 30_000;
const pause = 10;

/**
 * For what takes milliseconds, one process at a time.
 * @param path of a file or a directory that stays: one that is replaced meanwhile would be locked twice.
 * @throws UnavailableError when others have had it for half a minute.
 */
export async function whileLocked<T>(path: string, work: () => Promise<T>): Promise<T> {
  const descriptor = openSync(path, 'r');
  try {
    for (const end = performance.now() + patience; !tryLock(descriptor); await Bun.sleep(pause)) {
      if (performance.now() > end)
        throw new UnavailableError(`${path} is locked by another process: try again when that has ended`);
    }
    return await work();
  } finally {
    closeSync(descriptor);
  }
}
