/**
 * Paths inside a container's root, seen from the host. The root is hostile: its symlinks are followed as the container
 * would follow them, never out of it. Whoever writes there meanwhile could still swap a directory for a link, so these
 * are for roots whose container does not run yet, and for reading small files.
 */
import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf, InvalidError } from '../../../lib/errors.ts';

/** As many as Linux follows before it says ELOOP. */
const maxLinks = 40;

/** /etc/passwd and its like; more is no honest file. */
const maxFileSize = 8 * 1024 * 1024;

/** Where `path` leads on the host. What does not exist is taken as it is written. @throws InvalidError on a loop of links. */
export function resolveInRoot(root: string, path: string): string {
  const pending = path.split('/').toReversed();
  const resolved: string[] = [];
  let links = 0;
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      resolved.pop();
      continue;
    }
    const target = readLink(join(root, ...resolved, part));
    if (target === undefined) {
      resolved.push(part);
      continue;
    }
    if (++links > maxLinks) throw new InvalidError(`cannot resolve ${path}: too many symbolic links`);
    if (target.startsWith('/')) resolved.length = 0;
    pending.push(...target.split('/').toReversed());
  }
  return join(root, ...resolved);
}

/** The text of a small file in the root; empty when there is none. @throws InvalidError when it is no regular file, or huge. */
export function readInRoot(root: string, path: string): string {
  return findInRoot(root, path) ?? '';
}

/** As `readInRoot`; undefined when there is none. @throws InvalidError */
export function findInRoot(root: string, path: string): string | undefined {
  const descriptor = openInRoot(root, path);
  if (descriptor === undefined) return undefined;
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) throw new InvalidError(`cannot read ${path}: not a file`);
    if (status.size > maxFileSize) throw new InvalidError(`cannot read ${path}: too large`);
    const content = Buffer.alloc(status.size);
    return content.toString('utf8', 0, readSync(descriptor, content, 0, status.size, 0));
  } finally {
    closeSync(descriptor);
  }
}

/** Without waiting for anybody at the other end of a fifo. */
function openInRoot(root: string, path: string): number | undefined {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  try {
    return openSync(resolveInRoot(root, path), flags);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
