/** One engine for one data directory, however the one before it ended. */
import { closeSync, openSync, writeSync, ftruncateSync } from 'node:fs';
import { join } from 'node:path';
import { ConflictError } from '../lib/errors.ts';
import { tryLock } from '../lib/file-lock.ts';

/** Held until disposed. @throws ConflictError when another engine holds it. */
export function lockDataDirectory(directory: string): Disposable {
  const fd = openSync(join(directory, 'lock'), 'a');
  if (!tryLock(fd)) {
    closeSync(fd);
    throw new ConflictError(`cannot use ${directory}: another engine is running on it`);
  }
  ftruncateSync(fd);
  writeSync(fd, `${process.pid}\n`);
  return { [Symbol.dispose]: () => closeSync(fd) };
}
