/**
 * Takes an archive apart in a directory of a container, for a thread that is shut into the container's files and stands
 * in that directory. What is there already is replaced; directories are merged. The archive and the container are both
 * hostile: names that climb are refused, links lead no further than the container's own root.
 */
import { InvalidError, errnoOf } from '../../lib/errors.ts';
import { bytesOf, layerPath, parentOf } from '../../oci/layer/layer-path.ts';
import type { TarEntry } from '../../oci/layer/untar.ts';
import { fileTypes, makeNode } from '../linux/device.ts';
import {
  type FileStat,
  changeMode,
  changeOpenMode,
  changeOpenOwner,
  changeOpenTimes,
  changeOwner,
  changeTimes,
  closeFile,
  makeDirectory,
  makeHardLink,
  makeSymlink,
  openDirectory,
  openFile,
  openFlags,
  readNames,
  removeDirectory,
  removeFile,
  statFile,
} from '../linux/file.ts';
import { AT_FDCWD } from '../linux/libc.ts';
import { isDirectory } from '../snapshots/overlay-format.ts';
import { applyXattrs, writeContent } from '../snapshots/write-entry.ts';
import { makeDirectories } from './container-view.ts';

export interface ExtractOptions {
  /** The directory's path in the container, for messages. */
  readonly path: string;
  readonly noOverwriteDirNonDir: boolean;
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** Writes a file's bytes, for who wants to know them; `writeContent` otherwise. */
  readonly write?: (file: number, entry: TarEntry) => void;
}

/** Times of directories are set at the end, and held in memory until then; more of them than this is an attack. */
const maxDirectories = 1_000_000;

/** @throws InvalidError, CorruptError, SystemCallError; what was unpacked until then stays, as with every tar. */
export function extract(entries: Iterable<TarEntry>, options: ExtractOptions): void {
  const extractor = new Extractor(options);
  for (const entry of entries) extractor.apply(entry);
  extractor.finish();
}

class Extractor {
  readonly #options: ExtractOptions;
  readonly #directories = new Map<string, TarEntry['mtime']>();

  constructor(options: ExtractOptions) {
    this.#options = options;
  }

  apply(entry: TarEntry): void {
    const path = layerPath(entry.name);
    // The directory itself is there, and stays as it is.
    if (path === '') return;
    try {
      this.#create(path, entry);
    } catch (error) {
      const code = errnoOf(error);
      if (code === 'ENOENT') makeDirectories(bytesOf(parentOf(path)), this.#options.owner);
      else if (code === 'EEXIST' || code === 'EISDIR') this.#makeRoom(path, entry);
      else throw error;
      this.#create(path, entry);
    }
  }

  finish(): void {
    for (const [path, mtime] of this.#directories) {
      try {
        changeTimes(bytesOf(path), mtime);
      } catch (error) {
        // Replaced by a later member, or by the container.
        if (errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'ENOTDIR') throw error;
      }
    }
  }

  #create(path: string, entry: TarEntry): void {
    const raw = bytesOf(path);
    switch (entry.type) {
      case 'directory':
        return this.#createDirectory(path, entry);
      case 'file':
        return this.#createFile(raw, entry);
      case 'link':
        return this.#createLink(path, entry);
      case 'symlink':
        makeSymlink(entry.linkName, raw);
        break;
      case 'character':
      case 'block':
      case 'fifo':
        makeNode(raw, fileTypes[entry.type] | entry.mode, entry.major, entry.minor);
        break;
    }
    const { uid, gid } = this.#options.owner ?? entry;
    changeOwner(raw, uid, gid);
    // chown clears setuid and setgid; a link has no mode.
    if (entry.type !== 'symlink') changeMode(raw, entry.mode);
    applyXattrs(raw, entry.xattrs);
    changeTimes(raw, entry.mtime);
  }

  #createDirectory(path: string, entry: TarEntry): void {
    const raw = bytesOf(path);
    if (!this.#hasDirectory(path)) makeDirectory(raw, 0o755);
    const { uid, gid } = this.#options.owner ?? entry;
    changeOwner(raw, uid, gid);
    changeMode(raw, entry.mode);
    applyXattrs(raw, entry.xattrs);
    this.#directories.set(path, entry.mtime);
    if (this.#directories.size > maxDirectories) {
      throw new InvalidError(`cannot unpack archive: more than ${maxDirectories} directories`);
    }
  }

  #hasDirectory(path: string): boolean {
    if (this.#directories.has(path)) return true;
    const stat = statIfThere(path);
    return stat !== undefined && isDirectory(stat);
  }

  #createFile(raw: Buffer, entry: TarEntry): void {
    const flags = openFlags.write | openFlags.create | openFlags.exclusive;
    // Nobody opens it before it has its owner and its mode.
    const file = openFile(AT_FDCWD, raw, flags, 0o600);
    try {
      (this.#options.write ?? writeContent)(file, entry);
      const { uid, gid } = this.#options.owner ?? entry;
      if (uid !== 0 || gid !== 0) changeOpenOwner(file, uid, gid);
      changeOpenMode(file, entry.mode);
      // Writing and chown both clear file capabilities, so they come after both.
      applyXattrs(raw, entry.xattrs);
      changeOpenTimes(file, entry.mtime);
    } finally {
      closeFile(file);
    }
  }

  #createLink(path: string, entry: TarEntry): void {
    const target = layerPath(entry.linkName);
    if (target === '' || target === path) {
      throw new InvalidError(`invalid hardlink ${JSON.stringify(path)} -> ${JSON.stringify(target)}`);
    }
    // Told apart from a parent that is missing: that one can be made.
    if (!statIfThere(target)) {
      throw new InvalidError(
        `cannot link ${JSON.stringify(path)}: ${JSON.stringify(target)} is not in the archive`,
      );
    }
    makeHardLink(bytesOf(target), bytesOf(path));
  }

  /** Takes away what is in the member's place. @throws InvalidError where that is not wanted. */
  #makeRoom(path: string, entry: TarEntry): void {
    const stat = statIfThere(path);
    if (!stat) return;
    const [isThere, isNew] = [isDirectory(stat), entry.type === 'directory'];
    const { noOverwriteDirNonDir, path: destination } = this.#options;
    if (noOverwriteDirNonDir && isThere !== isNew) {
      const place = JSON.stringify(`${destination === '/' ? '' : destination}/${path}`);
      const into = JSON.stringify(destination);
      throw new InvalidError(
        isThere
          ? `cannot overwrite directory ${place} with non-directory ${into}`
          : `cannot overwrite non-directory ${place} with directory ${into}`,
      );
    }
    this.#remove(path, stat);
  }

  #remove(path: string, stat: FileStat): void {
    const raw = bytesOf(path);
    if (!isDirectory(stat)) return removeFile(raw);
    const directory = openDirectory(AT_FDCWD, raw);
    const names = readNames(directory);
    closeFile(directory);
    for (const name of names) {
      const child = `${path}/${name.toString('latin1')}`;
      const found = statIfThere(child);
      if (found) this.#remove(child, found);
    }
    this.#directories.delete(path);
    removeDirectory(raw);
  }
}

function statIfThere(path: string): FileStat | undefined {
  try {
    return statFile(AT_FDCWD, bytesOf(path));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}
