/** Extended attributes, never through a symbolic link. Linux keeps names and values below 64 KiB. */
import { errnoOf } from '../../lib/errors.ts';
import { type Path, check, cString, libc } from './libc.ts';

const maxSize = 65536;

/** All attributes by name; empty where the file system has none. Names are latin1: bytes as they are. */
export function readXattrs(path: Path): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (const name of listXattrs(path)) {
    const value = getXattr(path, name);
    if (value) found.set(name, value);
  }
  return found;
}

/** The attribute's value, or undefined where it is not set. */
export function getXattr(path: Path, name: string): Buffer | undefined {
  const name0 = cString(Buffer.from(name, 'latin1'));
  for (let size = 256; ; size = maxSize) {
    const value = Buffer.alloc(size);
    try {
      return value.subarray(0, check(libc.lgetxattr(cString(path), name0, value, size), 'lgetxattr', path));
    } catch (error) {
      const code = errnoOf(error);
      if (code === 'ERANGE' && size < maxSize) continue;
      if (code === 'ENODATA' || code === 'EOPNOTSUPP') return undefined;
      throw error;
    }
  }
}

/** @throws SystemCallError */
export function setXattr(path: Path, name: string, value: Uint8Array): void {
  const name0 = cString(Buffer.from(name, 'latin1'));
  // An empty array has no address.
  const bytes = value.length === 0 ? Buffer.alloc(1) : value;
  check(libc.lsetxattr(cString(path), name0, bytes, value.length, 0), `lsetxattr ${name}`, path);
}

/** One that is there. @throws SystemCallError */
export function removeXattr(path: Path, name: string): void {
  const name0 = cString(Buffer.from(name, 'latin1'));
  check(libc.lremovexattr(cString(path), name0), `lremovexattr ${name}`, path);
}

export function listXattrs(path: Path): string[] {
  // Most files have none: the short answer is asked for first, as length alone.
  const length = listLength(path);
  if (length === 0) return [];
  const list = Buffer.alloc(maxSize);
  const size = check(libc.llistxattr(cString(path), list, maxSize), 'llistxattr', path);
  return list.toString('latin1', 0, size).split('\0').filter(Boolean);
}

function listLength(path: Path): number {
  try {
    return check(libc.llistxattr(cString(path), null, 0), 'llistxattr', path);
  } catch (error) {
    if (errnoOf(error) === 'EOPNOTSUPP') return 0;
    throw error;
  }
}
