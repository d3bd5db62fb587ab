/**
 * Where copies go in a stage's root. Links in the destination are followed inside that root; what is missing is made.
 * The working directory of the process is the way to a place: paths for system calls are single names then, and no link
 * of the root is ever followed by the kernel. For a process of its own.
 */
import { posix } from 'node:path';
import { errnoOf, InvalidError } from '../../../lib/errors.ts';
import { bytesOf, textOf } from '../../../oci/layer/layer-path.ts';
import { resolveInRoot } from '../../containers/spec/root-path.ts';
import {
  changeDirectory,
  changeOwner,
  closeFile,
  type FileStat,
  makeDirectory,
  openDirectory,
  statFile,
} from '../../linux/file.ts';
import { AT_FDCWD } from '../../linux/libc.ts';
import { isDirectory } from '../../snapshots/overlay-format.ts';
import type { Owner } from './file-source.ts';

export interface NewDirectories {
  readonly mode: number;
  readonly owner: Owner | undefined;
}

export class Destination {
  readonly #root: string;
  /** Absolute and clean. */
  readonly #path: string;
  readonly #asksForDirectory: boolean;
  readonly #made: NewDirectories;

  /** @param path absolute; a slash or `/.` at its end asks for a directory. */
  constructor(root: string, path: string, made: NewDirectories) {
    this.#root = root;
    this.#path = posix.resolve('/', path);
    this.#asksForDirectory = /\/\.?$/.test(path);
    this.#made = made;
  }

  /** Makes the destination, where it is known to be a directory. */
  prepare(): void {
    if (this.#asksForDirectory) this.#enter(this.#parts());
  }

  /** Steps into the destination for the contents of a directory. @returns the path for messages. */
  enterDirectory(): string {
    const parts = this.#parts();
    if (parts.length > 0 && this.#kindAt(parts) === 'other')
      throw new InvalidError(`cannot copy to non-directory: ${this.#path}`);
    this.#enter(parts);
    return this.#path;
  }

  /** Steps into the directory of a copy. @returns its name there, and the path for messages. */
  enterForFile(name: string): { readonly name: Buffer; readonly path: string } {
    this.prepare();
    const parts = this.#parts();
    if (this.#asksForDirectory || parts.length === 0 || this.#kindAt(parts) === 'directory') {
      this.#enter(parts);
      return {
        name: bytesOf(name),
        path: posix.join(this.#path, textOf(name)),
      };
    }
    this.#enter(parts.slice(0, -1));
    return { name: Buffer.from(parts.at(-1) ?? ''), path: this.#path };
  }

  /** Looked up each time: a copy may have put a link on the way. */
  #parts(): string[] {
    return resolveInRoot(this.#root, this.#path).slice(this.#root.length).split('/').filter(Boolean);
  }

  #kindAt(parts: readonly string[]): 'nothing' | 'directory' | 'other' {
    const stat = this.#statAt(parts);
    if (!stat) return 'nothing';
    return isDirectory(stat) ? 'directory' : 'other';
  }

  #statAt(parts: readonly string[]): FileStat | undefined {
    try {
      this.#toRoot();
      for (const part of parts.slice(0, -1)) step(part);
      return statFile(AT_FDCWD, parts.at(-1) ?? '.');
    } catch (error) {
      if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
      throw error;
    }
  }

  #enter(parts: readonly string[]): void {
    this.#toRoot();
    for (const [index, part] of parts.entries()) {
      try {
        step(part);
      } catch (error) {
        if (errnoOf(error) === 'ENOTDIR' || errnoOf(error) === 'ELOOP')
          throw new InvalidError(`mkdir /${parts.slice(0, index + 1).join('/')}: not a directory`, {
            cause: error,
          });
        if (errnoOf(error) !== 'ENOENT') throw error;
        this.#make(part);
        step(part);
      }
    }
  }

  #make(name: string): void {
    makeDirectory(name, this.#made.mode);
    const { owner } = this.#made;
    if (owner) changeOwner(name, owner.uid, owner.gid);
  }

  #toRoot(): void {
    const root = openDirectory(AT_FDCWD, this.#root);
    changeDirectory(root);
    closeFile(root);
  }
}

function step(name: string): void {
  const directory = openDirectory(AT_FDCWD, name);
  changeDirectory(directory);
  closeFile(directory);
}
