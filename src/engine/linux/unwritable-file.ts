/**
 * A file as seen through a mount of its own that is read-only: whoever runs it can find it in /proc/self/exe, and nobody
 * can open it there for writing. What keeps a container from changing a program of the host that enters it (CVE-2019-5736).
 * https://man7.org/linux/man-pages/man2/mount_setattr.2.html
 */
import { ptr } from 'bun:ffi';
import { closeSync } from 'node:fs';
import { AT_FDCWD, cString, systemCall } from './libc.ts';

const openTree = 428;
const mountSetattr = 442;
const OPEN_TREE_CLONE = 1;
const O_CLOEXEC = 0o2000000;
const AT_EMPTY_PATH = 0x1000;
const MOUNT_ATTR_RDONLY = 1n;

/** @returns a descriptor, or undefined where the kernel has no such mounts (before 5.12). The mount ends with it. */
export function openUnwritable(path: string): number | undefined {
  const text = cString(path);
  const file = systemCall(openTree, AT_FDCWD, ptr(text), OPEN_TREE_CLONE | O_CLOEXEC);
  if (file < 0) return undefined;
  const empty = cString('');
  // struct mount_attr: set, clear, propagation, user namespace.
  const attributes = BigUint64Array.of(MOUNT_ATTR_RDONLY, 0n, 0n, 0n);
  const changed = systemCall(
    mountSetattr,
    file,
    ptr(empty),
    AT_EMPTY_PATH,
    ptr(attributes),
    attributes.byteLength,
  );
  if (changed === 0) return file;
  closeSync(file);
  return undefined;
}
