/** What a path in a container is, in the form of Go's os.FileInfo, for a thread that is shut into the container's files. */
import { posix } from 'node:path';
import { resolveInRoot } from '../containers/spec/root-path.ts';
import { fileTypes } from '../linux/device.ts';
import { type FileStat, statFile } from '../linux/file.ts';
import { AT_FDCWD } from '../linux/libc.ts';
import type { PathStat } from './archive-request.ts';

/** Absolute and clean; a slash or a dot at the end is kept, since it asks for what a link leads to. */
export function absolutePath(path: string): string {
  const clean = posix.resolve('/', path);
  if (posix.basename(path) === '.' || path === '') return clean === '/' ? '/.' : `${clean}/.`;
  return path.endsWith('/') && clean !== '/' ? `${clean}/` : clean;
}

/** @param path as `absolutePath` gives it. @throws SystemCallError */
export function pathStat(path: string): PathStat {
  const stat = statFile(AT_FDCWD, path);
  const isLink = (stat.mode & fileTypes.mask) === fileTypes.symlink;
  return {
    name: baseName(path),
    size: stat.size,
    mode: goFileMode(stat.mode),
    mtime: timeOf(stat),
    linkTarget: isLink ? resolveInRoot('/', path) : '',
  };
}

/** Go's filepath.Base: of the root `/`, of `x/.` a dot. */
export function baseName(path: string): string {
  return path === '/' ? '/' : posix.basename(path);
}

const typeBits: Readonly<Record<number, number>> = {
  [fileTypes.directory]: 2 ** 31,
  [fileTypes.symlink]: 2 ** 27,
  [fileTypes.block]: 2 ** 26,
  [fileTypes.character]: 2 ** 26 + 2 ** 21,
  [fileTypes.fifo]: 2 ** 25,
  [fileTypes.socket]: 2 ** 24,
};

/** https://pkg.go.dev/io/fs#FileMode */
function goFileMode(mode: number): number {
  return (
    (mode & 0o777) +
    (typeBits[mode & fileTypes.mask] ?? 0) +
    (mode & 0o4000 ? 2 ** 23 : 0) +
    (mode & 0o2000 ? 2 ** 22 : 0) +
    (mode & 0o1000 ? 2 ** 20 : 0)
  );
}

function timeOf({ mtime: { seconds, nanoseconds } }: FileStat): string {
  const date = new Date(seconds * 1000);
  const whole = Number.isNaN(date.getTime()) ? '0001-01-01T00:00:00' : date.toISOString().slice(0, 19);
  const fraction = String(nanoseconds).padStart(9, '0').replace(/0+$/, '');
  return `${whole}${fraction && `.${fraction}`}Z`;
}
