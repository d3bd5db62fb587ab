/**
 * Files of a tree as members of an archive, read through descriptors of their directories while somebody may be changing
 * the tree: what vanishes meanwhile is left out. Used for layers and for the archives of `cp` and `export`.
 */
import { encodeTarHeader, tarPadding } from '../../oci/layer/tar.ts';
import { emptyHeader, type TarHeader, type TarType } from '../../oci/layer/tar-header.ts';
import { fileTypes } from '../linux/device.ts';
import { type FileStat, closeFile, openFile, openFlags, readLink, statFile } from '../linux/file.ts';
import { readXattrs } from '../linux/xattr.ts';
import { isDirectory, overlayXattrPrefix } from './overlay-format.ts';
import { ifStillThere } from './walk-upper.ts';

/** Where members go: an OutputBuffer, or what only counts. */
export interface MemberOutput {
  write(bytes: Uint8Array): void;
  /** Just `size` bytes of the open file. */
  writeFile(from: number, size: number): void;
}

/** Where a file is: its name in an open directory. */
export interface Place {
  readonly parent: number;
  readonly name: Buffer;
}

export class MemberWriter {
  readonly #output: MemberOutput;
  readonly #pathOf: (parent: number, name: Buffer) => Buffer;
  /** By device and inode: the first name of every file that has several. */
  readonly #firstNames = new Map<string, Buffer>();
  #size = 0;

  /** @param pathOf a path to a place, for calls that take no descriptor of a directory. */
  constructor(output: MemberOutput, pathOf: (parent: number, name: Buffer) => Buffer) {
    this.#output = output;
    this.#pathOf = pathOf;
  }

  /** Bytes of the files and links written so far, a file of several names counted once. */
  get size(): number {
    return this.#size;
  }

  /**
   * Writes the member for what is at `place`; sockets have none.
   * @param path its name in the archive; a directory's gets its slash here.
   */
  write(path: Buffer, place: Place, stat: FileStat): void {
    const type = typeOf(stat);
    if (!type) return;
    if (type === 'file') return this.#file(path, place);
    const linkName = type === 'symlink' ? ifStillThere(() => readLink(place.parent, place.name)) : noBytes;
    const xattrs = this.#xattrs(place);
    if (!linkName || !xattrs) return;
    this.#size += linkName.length;
    const name = type === 'directory' && path.at(-1) !== slash[0] ? Buffer.concat([path, slash]) : path;
    this.#output.write(encodeTarHeader({ ...headerOf(name, type, stat), linkName, xattrs }));
  }

  #file(path: Buffer, place: Place): void {
    // A fifo put in the file's place must not stop the walk, hence non-blocking.
    const file = ifStillThere(() =>
      openFile(place.parent, place.name, openFlags.read | openFlags.nonBlocking),
    );
    if (file === undefined) return;
    try {
      const stat = statFile(file, '');
      if (typeOf(stat) !== 'file') return;
      const identity = `${stat.device}:${stat.inode}`;
      const first = stat.links > 1 ? this.#firstNames.get(identity) : undefined;
      if (first) return this.#link(path, first, stat);
      if (stat.links > 1) this.#firstNames.set(identity, path);
      this.#content(path, place, file, stat);
    } finally {
      closeFile(file);
    }
  }

  #content(path: Buffer, place: Place, file: number, stat: FileStat): void {
    const xattrs = this.#xattrs(place) ?? emptyHeader.xattrs;
    this.#output.write(encodeTarHeader({ ...headerOf(path, 'file', stat), size: stat.size, xattrs }));
    if (stat.size === 0) return;
    this.#size += stat.size;
    this.#output.writeFile(file, stat.size);
    this.#output.write(tarPadding(stat.size));
  }

  #link(path: Buffer, first: Buffer, stat: FileStat): void {
    this.#output.write(encodeTarHeader({ ...headerOf(path, 'link', stat), linkName: first }));
  }

  #xattrs({ parent, name }: Place): Map<string, Buffer> | undefined {
    return ifStillThere(() => ownXattrs(this.#pathOf(parent, name)));
  }
}

const noBytes = Buffer.alloc(0);
const slash = Buffer.from('/');

export function headerOf(name: Buffer, type: TarType, stat: FileStat): TarHeader {
  const isDevice = type === 'character' || type === 'block';
  return {
    ...emptyHeader,
    name,
    type,
    mode: stat.mode & 0o7777,
    uid: stat.uid,
    gid: stat.gid,
    mtime: stat.mtime,
    ...(isDevice && { major: stat.major, minor: stat.minor }),
  };
}

/** False for a socket: it is nothing without its process. */
export function hasMember(stat: FileStat): boolean {
  return typeOf(stat) !== undefined;
}

/** Undefined where there is no member. */
function typeOf(stat: FileStat): TarType | undefined {
  if (isDirectory(stat)) return 'directory';
  switch (stat.mode & fileTypes.mask) {
    case fileTypes.regular:
      return 'file';
    case fileTypes.symlink:
      return 'symlink';
    case fileTypes.character:
      return 'character';
    case fileTypes.block:
      return 'block';
    case fileTypes.fifo:
      return 'fifo';
    default:
      return undefined;
  }
}

export function ownXattrs(path: Buffer): Map<string, Buffer> {
  return new Map([...readXattrs(path)].filter(([name]) => !name.startsWith(overlayXattrPrefix)));
}
