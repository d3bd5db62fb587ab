/**
 * A small context without anything odd, unpacked by the engine itself: starting a process for it (unpack-context.ts) takes
 * longer than all else of a build out of the cache. Nothing in it can lead out: every member is made anew, below
 * directories that were made here, so no link is ever followed.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { layerPath, parentOf } from '../../../oci/layer/layer-path.ts';
import { type TarEntry, untar } from '../../../oci/layer/untar.ts';
import {
  changeMode,
  changeOpenMode,
  changeOpenTimes,
  changeTimes,
  closeFile,
  makeDirectory,
  makeSymlink,
  openFile,
  openFlags,
  statFile,
  writeFully,
} from '../../linux/file.ts';
import { AT_FDCWD } from '../../linux/libc.ts';
import { hashRecord } from '../files/content-hashes.ts';
import { contextFiles, contextHashes } from './context-child.ts';

/** Archives up to this size, in bytes, and so many members are done before a process would have started. */
export const mostHere = 1024 * 1024;
const mostMembers = 250;
/** In bytes. Taking deep directories away again takes its time. */
const longestPath = 255;

interface Member extends Pick<TarEntry, 'type' | 'mode' | 'mtime' | 'linkName'> {
  readonly path: string;
  readonly content: Uint8Array;
}

/**
 * @param directory of the context; holds the empty directory of its files.
 * @returns false, with nothing done, for an archive that is compressed, broken, large or odd: unpackContext takes those,
 * and says what is wrong with them.
 */
export function unpackHere(archive: Uint8Array, directory: string): boolean {
  const files = join(directory, contextFiles);
  try {
    const members = plainMembers(archive);
    if (!members) return false;
    const hashes = new Writer(files).write(members);
    writeFileSync(join(directory, contextHashes), hashes, { mode: 0o600 });
    return true;
  } catch {
    rmSync(files, { recursive: true, force: true });
    rmSync(join(directory, contextHashes), { force: true });
    mkdirSync(files, { mode: 0o700 });
    return false;
  }
}

/** @throws what untar does. */
function plainMembers(archive: Uint8Array): readonly Member[] | undefined {
  const members: Member[] = [];
  for (const entry of untar(inOnePiece(archive))) {
    const { type, mode, mtime, linkName } = entry;
    const path = layerPath(entry.name);
    if (!isPlain(entry) || path.length > longestPath || members.length === mostMembers) return undefined;
    const content = Buffer.concat([...entry.content()]);
    members.push({ path, type, mode, mtime, linkName, content });
  }
  return members;
}

function inOnePiece(archive: Uint8Array): () => Uint8Array {
  let rest: Uint8Array = archive;
  return () => {
    const piece = rest;
    rest = new Uint8Array();
    return piece;
  };
}

/** Not: second names, devices, attributes, holes. */
function isPlain({ type, xattrs, size, segments }: TarEntry): boolean {
  if (type !== 'file' && type !== 'directory' && type !== 'symlink') return false;
  return xattrs.size === 0 && (size === 0 || segments[0]?.length === size);
}

class Writer {
  readonly #root: string;
  /** By path: with its time once it is known. */
  readonly #directories = new Map<string, Member['mtime'] | undefined>([['', undefined]]);
  readonly #hashes: Buffer[] = [];

  constructor(root: string) {
    this.#root = root;
  }

  /** @returns the hashes of the files. @throws SystemCallError, EEXIST for a second member of a name. */
  write(members: readonly Member[]): Buffer {
    for (const member of members) this.#make(member);
    for (const [path, mtime] of this.#directories) if (mtime) changeTimes(this.#place(path), mtime);
    return Buffer.concat(this.#hashes);
  }

  #make(member: Member): void {
    const { path, type, mode, mtime, linkName } = member;
    // The directory itself is there, and stays as it is.
    if (path === '') return;
    this.#makeParents(parentOf(path));
    const place = this.#place(path);
    if (type === 'file') return this.#makeFile(place, member);
    if (type === 'symlink') {
      makeSymlink(linkName, place);
      changeTimes(place, mtime);
      return;
    }
    if (!this.#directories.has(path)) makeDirectory(place, 0o700);
    changeMode(place, mode);
    this.#directories.set(path, mtime);
  }

  #makeParents(path: string): void {
    if (this.#directories.has(path)) return;
    this.#makeParents(parentOf(path));
    makeDirectory(this.#place(path), 0o700);
    changeMode(this.#place(path), 0o755);
    this.#directories.set(path, undefined);
  }

  #makeFile(place: Buffer, { mode, mtime, content }: Member): void {
    const file = openFile(AT_FDCWD, place, openFlags.write | openFlags.create | openFlags.exclusive, 0o600);
    try {
      writeFully(file, content);
      changeOpenMode(file, mode);
      changeOpenTimes(file, mtime);
      const hash = new Bun.CryptoHasher('sha256').update(content).digest();
      this.#hashes.push(hashRecord(statFile(file, '').inode, hash));
    } finally {
      closeFile(file);
    }
  }

  #place(path: string): Buffer {
    return Buffer.concat([Buffer.from(`${this.#root}/`), Buffer.from(path, 'latin1')]);
  }
}
