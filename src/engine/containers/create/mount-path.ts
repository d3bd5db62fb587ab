/** Paths of mounts as docker checks and cleans them. Pure. */
import { posix } from 'node:path';
import { InvalidError } from '../../../lib/errors.ts';

/** Without dots, doubled slashes and a slash at the end. */
export function cleanPath(path: string): string {
  const clean = posix.normalize(path);
  return clean.length > 1 && clean.endsWith('/') ? clean.slice(0, -1) : clean;
}

/** @throws InvalidError in docker's words. */
export function assertAbsolute(path: string): void {
  if (path.startsWith('/')) return;
  throw new InvalidError(`invalid mount path: '${path}' mount path must be absolute`);
}

/** @throws InvalidError in docker's words. */
export function assertNotRoot(path: string): void {
  if (cleanPath(path) === '/') throw new InvalidError("invalid specification: destination can't be '/'");
}

/** Go's filepath.IsLocal: relative, not empty, and never above where it starts. */
export function isLocalPath(path: string): boolean {
  if (path === '' || path.startsWith('/') || path.includes('\0')) return false;
  const clean = cleanPath(path);
  return clean !== '..' && !clean.startsWith('../');
}
