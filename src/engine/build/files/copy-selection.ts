/**
 * Copies what a COPY names into a root, as BuildKit does (github.com/tonistiigi/fsutil/copy): contents of directories are
 * merged, a file replaces a file or a link and nothing else, the destination keeps the attributes it had.
 */
import { errnoOf, InvalidError } from '../../../lib/errors.ts';
import { baseOf, bytesOf, textOf } from '../../../oci/layer/layer-path.ts';
import { fileTypes, makeNode } from '../../linux/device.ts';
import {
  changeDirectory,
  changeMode,
  changeOpenMode,
  changeOpenOwner,
  changeOpenTimes,
  changeOwner,
  changeTimes,
  closeFile,
  copyHoles,
  type FileStat,
  makeDirectory,
  makeHardLink,
  makeSymlink,
  openDirectory,
  openFile,
  openFlags,
  readLink,
  removeFile,
  sendFile,
  statFile,
  writeFully,
} from '../../linux/file.ts';
import { AT_FDCWD } from '../../linux/libc.ts';
import { ownXattrs } from '../../snapshots/member-writer.ts';
import { isDirectory } from '../../snapshots/overlay-format.ts';
import { pathIn } from '../../snapshots/walk-upper.ts';
import { applyXattrs } from '../../snapshots/write-entry.ts';
import type { CopyTask } from './copy-request.ts';
import { Destination } from './destination.ts';
import type { InlineSource, Owner } from './file-source.ts';
import { type MatchedPath, matchPaths } from './matched-path.ts';
import { type ModeChange, parseMode } from './mode.ts';
import { type SourceEntry, type SourceVisitor, walkSource } from './walk-source.ts';

/** @throws NotFoundError, InvalidError, SystemCallError */
export function copySelection({ selection, root, destination: path, owner, mode }: CopyTask): void {
  const { change, directories } = parseMode(mode);
  const destination = new Destination(root, path, { mode: directories, owner });
  destination.prepare();
  for (const source of selection.sources) {
    if (source.kind === 'inline') {
      copyInline(source, destination, { owner, change });
      continue;
    }
    for (const match of matchPaths(source, selection)) copyMatch(match, destination, { owner, change });
  }
}

interface Attributes {
  readonly owner: Owner | undefined;
  readonly change: ModeChange;
}

function copyMatch(match: MatchedPath, destination: Destination, { owner, change }: Attributes): void {
  const copier = new Copier({ owner: owner ?? (match.tree.keepsOwner ? undefined : root), change });
  if (isDirectory(match.stat)) {
    copier.startIn(destination.enterDirectory());
  } else {
    const { name, path } = destination.enterForFile(baseOf(match.asked));
    copier.startAs(name, path);
  }
  try {
    walkSource(match, copier);
  } finally {
    copier.end();
  }
}

const root: Owner = { uid: 0, gid: 0 };

function copyInline({ name, content }: InlineSource, destination: Destination, attributes: Attributes): void {
  const place = destination.enterForFile(Buffer.from(name).toString('latin1'));
  const file = createFile(place.name, place.path);
  try {
    writeFully(file, Buffer.from(content));
    const { uid, gid } = attributes.owner ?? root;
    changeOpenOwner(file, uid, gid);
    changeOpenMode(file, attributes.change(0o644, false));
  } finally {
    closeFile(file);
  }
}

/** The working directory is where the next copy goes. */
class Copier implements SourceVisitor {
  readonly #owner: Owner | undefined;
  readonly #change: ModeChange;
  /** Descriptors of the directories entered, the working one last. */
  readonly #directories: number[] = [];
  /** By device and inode: the first copy of a file that has several names, from where the copier began. */
  readonly #firstCopies = new Map<string, string>();
  /** Whether a directory that was entered is to look like its source when it is left. */
  readonly #isOwn: boolean[] = [];
  #path = '';
  #name: Buffer | undefined;

  /** @param owner undefined: as the source has it. */
  constructor({ owner, change }: Attributes) {
    this.#owner = owner;
    this.#change = change;
  }

  /** The contents of a directory go into the working one. @param path for messages. */
  startIn(path: string): void {
    this.#directories.push(openDirectory(AT_FDCWD, '.'));
    this.#path = path === '/' ? '' : path;
  }

  /** A file goes into the working directory under this name. */
  startAs(name: Buffer, path: string): void {
    this.#name = name;
    this.#path = path;
  }

  end(): void {
    for (const directory of this.#directories) closeFile(directory);
  }

  enter(entry: SourceEntry): void {
    // The source itself is not copied: it is the destination, and stays as it is.
    if (entry.path === '') return;
    const { name, stat, isImplied } = entry;
    const isNew = this.#makeDirectory(entry);
    if (!isNew) changeMode(name, stat.mode & 0o7777);
    const directory = openDirectory(AT_FDCWD, name);
    this.#directories.push(directory);
    this.#isOwn.push(isNew || !isImplied);
    changeDirectory(directory);
  }

  leave(entry: SourceEntry): void {
    // What is put into a directory changes its time.
    if (entry.path === '') return changeTimes('.', entry.stat.mtime);
    if (this.#isOwn.pop() === true) this.#finish(Buffer.from('.'), entry);
    const done = this.#directories.pop();
    if (done !== undefined) closeFile(done);
    const above = this.#directories.at(-1);
    if (above !== undefined) changeDirectory(above);
    return undefined;
  }

  file(entry: SourceEntry): void {
    const { parent, stat } = entry;
    const name = this.#name ?? entry.name;
    const path = this.#pathOf(entry);
    switch (stat.mode & fileTypes.mask) {
      case fileTypes.regular:
        return this.#copyFile(entry, name, path);
      case fileTypes.symlink: {
        const target = readLink(parent, entry.name);
        replacing(name, path, () => makeSymlink(target, name));
        break;
      }
      case fileTypes.socket:
        // Nothing without its process: an empty file stands for it.
        closeFile(createFile(name, path));
        break;
      default:
        replacing(name, path, () => makeNode(name, stat.mode, stat.major, stat.minor));
    }
    this.#finish(name, entry);
  }

  #copyFile(entry: SourceEntry, name: Buffer, path: string): void {
    const { parent, stat } = entry;
    if (stat.links > 1 && this.#copyLink(entry, name, path)) return;
    const from = openFile(parent, entry.name, openFlags.read | openFlags.nonBlocking);
    try {
      const to = createFile(name, path);
      try {
        copyContent(to, from, stat);
        const { uid, gid } = this.#owner ?? stat;
        if (uid !== 0 || gid !== 0) changeOpenOwner(to, uid, gid);
        // chown clears setuid and setgid; writing and chown both clear file capabilities.
        changeOpenMode(to, this.#change(stat.mode & 0o7777, false));
        applyXattrs(name, ownXattrs(pathIn(parent, entry.name)));
        changeOpenTimes(to, stat.mtime);
      } finally {
        closeFile(to);
      }
    } finally {
      closeFile(from);
    }
  }

  /** A second name of a file that was copied already. */
  #copyLink({ stat, path: sourcePath }: SourceEntry, name: Buffer, path: string): boolean {
    const identity = `${stat.device}:${stat.inode}`;
    const first = this.#firstCopies.get(identity);
    if (first === undefined) {
      this.#firstCopies.set(identity, sourcePath);
      return false;
    }
    // Up from the working directory to where the copier began, and down again: all of it made or checked here.
    const up = '../'.repeat(sourcePath.split('/').length - 1);
    replacing(name, path, () => makeHardLink(Buffer.concat([Buffer.from(up), bytesOf(first)]), name));
    return true;
  }

  /** @returns whether it was not there. */
  #makeDirectory(entry: SourceEntry): boolean {
    try {
      makeDirectory(entry.name, entry.stat.mode & 0o7777);
      return true;
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
      if (isDirectory(statFile(AT_FDCWD, entry.name))) return false;
      throw new InvalidError(`cannot copy to non-directory: ${this.#pathOf(entry)}`, { cause: error });
    }
  }

  /** Attributes of anything but a file: that has a descriptor. */
  #finish(name: Buffer, { parent, name: sourceName, stat }: SourceEntry): void {
    const { uid, gid } = this.#owner ?? stat;
    changeOwner(name, uid, gid);
    if ((stat.mode & fileTypes.mask) !== fileTypes.symlink)
      changeMode(name, this.#change(stat.mode & 0o7777, isDirectory(stat)));
    applyXattrs(name, ownXattrs(pathIn(parent, sourceName)));
    changeTimes(name, stat.mtime);
  }

  #pathOf({ path }: SourceEntry): string {
    return path === '' ? this.#path : `${this.#path}/${textOf(path)}`;
  }
}

/** Both ends are on different file systems, so the kernel cannot share blocks between them: it moves pages. */
function copyContent(to: number, from: number, stat: FileStat): void {
  if (stat.size === 0) return;
  if (stat.allocated < stat.size) copyHoles(to, from, stat.size);
  else sendFile(to, from, stat.size);
}

/** Nobody opens it before it has its owner and its mode. */
function createFile(name: Buffer, path: string): number {
  return replacing(name, path, () =>
    openFile(AT_FDCWD, name, openFlags.write | openFlags.create | openFlags.exclusive, 0o600),
  );
}

/** Makes something new at a name; what is there goes, unless it is a directory. */
function replacing<T>(name: Buffer, path: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
    if (isDirectory(statFile(AT_FDCWD, name)))
      throw new InvalidError(`cannot replace to directory ${path} with file`, { cause: error });
    removeFile(name);
    return make();
  }
}
