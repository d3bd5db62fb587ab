/** Room on a disk that others cannot fill. */
import { closeSync, openSync } from 'node:fs';
import { errnoOf } from '../../lib/errors.ts';
import { check, libc } from './libc.ts';

const FALLOC_FL_KEEP_SIZE = 1;

/** Where there is no room any more, or where the file system knows no such thing, the file goes without. */
const mayBeMissing: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT', 'EOPNOTSUPP', 'ENOSYS']);

/** The first `size` bytes of the file, made when absent, have their place on the disk from here on; its length stays. */
export function reserveSpace(path: string, size: number): void {
  const descriptor = openSync(path, 'a', 0o600);
  try {
    check(libc.fallocate(descriptor, FALLOC_FL_KEEP_SIZE, 0, size), 'fallocate', path);
  } catch (error) {
    if (!mayBeMissing.has(errnoOf(error))) throw error;
  } finally {
    closeSync(descriptor);
  }
}
