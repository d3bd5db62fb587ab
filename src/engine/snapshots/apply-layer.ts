/**
 * Puts the members of a layer's archive into a directory, in the form of overlayfs. Runs in a child process whose root
 * *is* that directory (see unpack-child.ts): links can point where they like, the kernel keeps them inside.
 * https://github.com/opencontainers/image-spec/blob/main/layer.md#applying-changesets
 */
import { CorruptError, errnoOf } from '../../lib/errors.ts';
import type { TarEntry } from '../../oci/layer/untar.ts';
import { parseWhiteout } from '../../oci/layer/whiteout.ts';
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
  statFollowing,
} from '../linux/file.ts';
import { AT_FDCWD } from '../linux/libc.ts';
import { baseOf, bytesOf, layerPath, parentOf } from '../../oci/layer/layer-path.ts';
import { isDirectory, isWhiteout, makeOpaque, makeWhiteout } from './overlay-format.ts';
import {
  type DirectoryAttributes,
  applyToDirectory,
  applyXattrs,
  attributesOf,
  writeContent,
} from './write-entry.ts';

/** What the layer holds, and what can only be settled once the layers below are known. Paths as in layer-path.ts. */
export interface AppliedLayer {
  /** Bytes of files and links. */
  readonly size: number;
  /** Directories that are named in paths only: owner and mode come from below. */
  readonly implied: readonly string[];
  readonly whiteouts: readonly string[];
  /** Hard links whose target isn't in this layer: path and target. */
  readonly links: readonly (readonly [path: string, target: string])[];
}

/** What is left to settle is held in memory by two processes; more of it than this is an attack. */
const maxUnsettled = 200_000;

/** Applies the members one after the other. @throws CorruptError when one of them is not what a layer may hold. */
export function applyLayer(entries: Iterable<TarEntry>): AppliedLayer {
  const writer = new LayerWriter();
  for (const entry of entries) writer.apply(entry);
  return writer.finish();
}

class LayerWriter {
  /** Every directory made here; undefined attributes: implied. */
  readonly #directories = new Map<string, DirectoryAttributes | undefined>([['', undefined]]);
  readonly #whiteouts = new Set<string>();
  readonly #links = new Map<string, string>();
  #size = 0;

  apply(entry: TarEntry): void {
    const path = layerPath(entry.name);
    if (path === '') return this.#applyRoot(entry);
    if (path.startsWith('.wh..wh.') && path !== '.wh..wh..opq') return;
    const parent = parentOf(path);
    const whiteout = parseWhiteout(Buffer.from(baseOf(path), 'latin1'));
    switch (whiteout.kind) {
      case 'none':
        this.#ensureDirectory(parent);
        this.#checkBounds();
        return this.#create(path, entry);
      case 'hide':
        this.#ensureDirectory(parent);
        this.#checkBounds();
        return this.#hide((parent && `${parent}/`) + whiteout.name.toString('latin1'));
      case 'opaque':
        this.#ensureDirectory(parent);
        return makeOpaque(bytesOf(parent));
      case 'aufs':
        return undefined;
    }
  }

  /** Gives the directories their attributes. The layer is complete then. */
  finish(): AppliedLayer {
    const implied: string[] = [];
    for (const [path, attributes] of this.#directories) {
      if (attributes) applyToDirectory(path, attributes);
      else implied.push(path);
    }
    return {
      size: this.#size,
      implied,
      whiteouts: [...this.#whiteouts],
      links: [...this.#links],
    };
  }

  #applyRoot(entry: TarEntry): void {
    if (entry.type !== 'directory') throw new CorruptError('invalid tar entry: the root is not a directory');
    this.#directories.set('', attributesOf(entry));
  }

  #create(path: string, entry: TarEntry): void {
    this.#links.delete(path);
    if (entry.type === 'directory') return this.#createDirectory(path, attributesOf(entry));
    try {
      this.#createOther(path, entry);
    } catch (error) {
      // A later member replaces an earlier one of the same name, whatever the two are.
      if (errnoOf(error) !== 'EEXIST') throw error;
      this.#removeTree(path);
      this.#createOther(path, entry);
    }
  }

  #createOther(path: string, entry: TarEntry): void {
    const raw = bytesOf(path);
    switch (entry.type) {
      case 'file':
        return this.#createFile(path, entry);
      case 'link':
        return this.#createLink(path, layerPath(entry.linkName));
      case 'symlink':
        makeSymlink(entry.linkName, raw);
        this.#size += entry.linkName.length;
        break;
      case 'character':
        makeNode(raw, fileTypes.character | entry.mode, entry.major, entry.minor);
        break;
      case 'block':
        makeNode(raw, fileTypes.block | entry.mode, entry.major, entry.minor);
        break;
      case 'fifo':
        makeNode(raw, fileTypes.fifo | entry.mode);
        break;
      case 'directory':
        return undefined;
    }
    if (entry.uid !== 0 || entry.gid !== 0) {
      changeOwner(raw, entry.uid, entry.gid);
      if (entry.type !== 'symlink') changeMode(raw, entry.mode);
    }
    applyXattrs(raw, entry.xattrs);
    changeTimes(raw, entry.mtime);
    return undefined;
  }

  #createFile(path: string, entry: TarEntry): void {
    const raw = bytesOf(path);
    const file = openFile(
      AT_FDCWD,
      raw,
      openFlags.write | openFlags.create | openFlags.exclusive,
      entry.mode,
    );
    try {
      writeContent(file, entry);
      if (entry.uid !== 0 || entry.gid !== 0) {
        // chown clears setuid and setgid, so the mode comes after it.
        changeOpenOwner(file, entry.uid, entry.gid);
        changeOpenMode(file, entry.mode);
      }
      // Writing and chown both clear file capabilities, so they come after both.
      applyXattrs(raw, entry.xattrs);
      changeOpenTimes(file, entry.mtime);
    } finally {
      closeFile(file);
    }
    this.#size += entry.size;
  }

  #createLink(path: string, target: string): void {
    if (target === path || target === '') throw invalidLink(path, target);
    try {
      makeHardLink(bytesOf(target), bytesOf(path));
    } catch (error) {
      const code = errnoOf(error);
      if (code === 'EPERM') throw invalidLink(path, target);
      if (code !== 'ENOENT') throw error;
      this.#links.set(path, target);
    }
  }

  #createDirectory(path: string, attributes: DirectoryAttributes | undefined): void {
    const raw = bytesOf(path);
    const there = this.#directories.has(path) ? 'directory' : this.#makeDirectoryOver(path);
    // A whiteout and a directory of one name in one layer: the directory, with nothing of the layers below in it.
    if (there === 'whiteout') makeOpaque(raw);
    this.#directories.set(path, attributes ?? this.#directories.get(path));
  }

  /** Makes the directory and tells what was in its place; anything but a directory is gone. */
  #makeDirectoryOver(path: string): 'nothing' | 'directory' | 'whiteout' | 'other' {
    const raw = bytesOf(path);
    try {
      makeDirectory(raw, 0o755);
      return 'nothing';
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
    }
    const stat = statFile(AT_FDCWD, raw);
    if (isDirectory(stat)) return 'directory';
    const was = this.#whiteouts.has(path) && isWhiteout(stat) ? 'whiteout' : 'other';
    this.#removeTree(path);
    makeDirectory(raw, 0o755);
    return was;
  }

  /** Makes what a path implies. Links to directories inside the root are followed, as every tar does. */
  #ensureDirectory(path: string): void {
    if (this.#directories.has(path)) return;
    this.#ensureDirectory(parentOf(path));
    const stat = this.#statIfThere(path);
    if (!stat || this.#whiteouts.has(path)) this.#createDirectory(path, undefined);
    else if (!isDirectory(stat) && !leadsToDirectory(path)) {
      throw new CorruptError(`invalid tar entry: ${JSON.stringify(path)} is not a directory`);
    }
  }

  /** A whiteout speaks of the layers below only: what this layer has at that name stays. */
  #hide(path: string): void {
    this.#links.delete(path);
    const stat = this.#statIfThere(path);
    if (!stat) {
      makeWhiteout(bytesOf(path));
      this.#whiteouts.add(path);
    } else if (isDirectory(stat)) {
      makeOpaque(bytesOf(path));
    }
  }

  #removeTree(path: string): void {
    const raw = bytesOf(path);
    if (isDirectory(statFile(AT_FDCWD, raw))) {
      const directory = openDirectory(AT_FDCWD, raw);
      const names = readNames(directory);
      closeFile(directory);
      for (const name of names) this.#removeTree(`${path}/${name.toString('latin1')}`);
      removeDirectory(raw);
      this.#directories.delete(path);
    } else {
      removeFile(raw);
    }
    this.#whiteouts.delete(path);
  }

  #statIfThere(path: string): FileStat | undefined {
    try {
      return statFile(AT_FDCWD, bytesOf(path));
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  #checkBounds(): void {
    if (this.#whiteouts.size + this.#links.size + this.#directories.size > maxUnsettled) {
      throw new CorruptError('cannot unpack layer: too many directories, whiteouts and links');
    }
  }
}

function leadsToDirectory(path: string): boolean {
  try {
    return isDirectory(statFollowing(bytesOf(path)));
  } catch {
    return false;
  }
}

function invalidLink(path: string, target: string): CorruptError {
  return new CorruptError(`invalid hardlink ${JSON.stringify(path)} -> ${JSON.stringify(target)}`);
}
