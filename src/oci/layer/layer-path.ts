/**
 * Names from an archive, made safe before anything else sees them. Paths are latin1 strings (bytes as they are, and
 * keys of maps), relative to the layer's root, without `.` and `..`; the root itself is ''.
 */
import { CorruptError } from '../../lib/errors.ts';

/** @throws CorruptError when the name leads out of the root. Absolute names are taken as relative, as docker does. */
export function layerPath(name: Buffer): string {
  const parts: string[] = [];
  for (const part of name.toString('latin1').split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined && name[0] !== 0x2f) {
      throw new CorruptError(`invalid tar entry: ${JSON.stringify(name.toString())} is outside of the root`);
    }
  }
  return parts.join('/');
}

/** The bytes of a path for a system call. */
export function bytesOf(path: string): Buffer {
  return path === '' ? Buffer.from('.') : Buffer.from(path, 'latin1');
}

/** For patterns, messages and calls that want text: what is not UTF-8 is lost. */
export function textOf(path: string): string {
  return Buffer.from(path, 'latin1').toString('utf8');
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}

export function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
