/**
 * How overlayfs writes deletions into a directory.
 * https://docs.kernel.org/filesystems/overlayfs.html#whiteouts-and-opaque-directories
 */
import { fileTypes, makeNode } from '../linux/device.ts';
import type { FileStat } from '../linux/file.ts';
import type { Path } from '../linux/libc.ts';
import { getXattr, setXattr } from '../linux/xattr.ts';

/** Overlayfs keeps its own notes in these attributes: no archive may bring any, none goes into one. */
export const overlayXattrPrefix = 'trusted.overlay.';
export const opaqueXattr = 'trusted.overlay.opaque';

export function isDirectory(stat: FileStat): boolean {
  return (stat.mode & fileTypes.mask) === fileTypes.directory;
}

/** A character device 0:0 hides the name in the layers below. */
export function isWhiteout(stat: FileStat): boolean {
  return (stat.mode & fileTypes.mask) === fileTypes.character && stat.major === 0 && stat.minor === 0;
}

export function makeWhiteout(path: Path): void {
  makeNode(path, fileTypes.character);
}

/** True when nothing of the layers below shows through the directory. */
export function isOpaque(path: Path): boolean {
  return getXattr(path, opaqueXattr)?.toString() === 'y';
}

export function makeOpaque(path: Path): void {
  setXattr(path, opaqueXattr, Buffer.from('y'));
}
