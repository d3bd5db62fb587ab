/** One engine for one data directory: flock(2), which the kernel gives back however the engine ends. */
import { dlopen, FFIType } from 'bun:ffi';
import { closeSync, openSync, writeSync, ftruncateSync } from 'node:fs';
import { join } from 'node:path';
import { ConflictError } from '../lib/errors.ts';

const LOCK_EX = 2;
const LOCK_NB = 4;

/** Held until disposed. @throws ConflictError when another engine holds it. */
export function lockDataDirectory(directory: string): Disposable {
  const libc = dlopen('libc.so.6', { flock: { args: [FFIType.i32, FFIType.i32], returns: FFIType.i32 } });
  const fd = openSync(join(directory, 'lock'), 'a');
  if (libc.symbols.flock(fd, LOCK_EX | LOCK_NB) !== 0) {
    closeSync(fd);
    throw new ConflictError(`cannot use ${directory}: another engine is running on it`);
  }
  ftruncateSync(fd);
  writeSync(fd, `${process.pid}\n`);
  return { [Symbol.dispose]: () => closeSync(fd) };
}
