/**
 * Which files of a layer installing its packages again brings, and what besides a package manager leaves. A file is left
 * to the manager only where its database vouches for the content; whatever it writes for itself comes from the image.
 */
import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';
import { fileTypes } from '../../linux/device.ts';
import { closeFile, openFile, openFlags, readLink } from '../../linux/file.ts';
import { AT_FDCWD } from '../../linux/libc.ts';
import type { LowerDirectory } from '../../snapshots/lower-directory.ts';
import { isOrdinary } from './layer-plan.ts';
import type { ScannedEntry } from './layer-scan.ts';

/** A sum that a database has of a file, with the algorithm's name before it; undefined where it has none. */
export type Sum = `md5:${string}` | `sha1:${string}` | undefined;

/** Files of packages, by path in latin1. */
export type PackageFiles = ReadonlyMap<string, Sum>;

/** A database whole: those of large images have some megabytes. */
const maxDatabase = 64 * 1024 * 1024;

/** Undefined where there is no such file. Follows no link. */
export function readText(view: LowerDirectory | undefined, path: string): string | undefined {
  const entry = view?.find(Buffer.from(path));
  if (!entry || (entry.stat.mode & fileTypes.mask) !== fileTypes.regular || entry.stat.size > maxDatabase) {
    return undefined;
  }
  const bytes: Buffer[] = [];
  readFile(entry.path, (chunk) => bytes.push(Buffer.from(chunk)));
  return Buffer.concat(bytes).toString();
}

/** Whether the file is what the package brought. Names of lists go through links that a merged /usr has. */
export function isAsPackaged(entry: ScannedEntry, files: PackageFiles): boolean {
  const sum = files.get(entry.path.toString('latin1'));
  if (sum === undefined || !isOrdinary(entry) || (entry.stat.mode & fileTypes.mask) !== fileTypes.regular)
    return false;
  const [algorithm = '', value] = sum.split(':');
  const hash = createHash(algorithm);
  readFile(entry.place, (chunk) => hash.update(chunk));
  return hash.digest('hex') === value;
}

/** `lib/x` → `usr/lib/x` where /lib is a link to usr/lib. */
export function mergedPath(view: LowerDirectory, path: string): string {
  const [first = '', ...rest] = path.split('/');
  const entry = view.entry(Buffer.from(first));
  if (!entry || (entry.stat.mode & fileTypes.mask) !== fileTypes.symlink) return path;
  const target = readLink(AT_FDCWD, entry.path).toString().replace(/^\//, '');
  return [target, ...rest].join('/');
}

function readFile(place: Buffer, take: (chunk: Buffer) => void): void {
  const file = openFile(AT_FDCWD, place, openFlags.read | openFlags.nonBlocking);
  try {
    const chunk = Buffer.alloc(256 * 1024);
    for (let size = readSync(file, chunk); size > 0; size = readSync(file, chunk))
      take(chunk.subarray(0, size));
  } finally {
    closeFile(file);
  }
}
