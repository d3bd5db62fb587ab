/**
 * A container's writable directory as a layer: its entries as a tar, overlayfs' whiteouts and opaque directories in
 * the form of the OCI, overlayfs' own attributes left out. The same directory gives the same bytes.
 * https://github.com/opencontainers/image-spec/blob/main/layer.md#representing-changes
 */
import { encodeTarHeader, endOfArchive, tarPadding } from '../../oci/layer/tar.ts';
import type { TarHeader, TarType } from '../../oci/layer/tar-header.ts';
import { opaqueMarker, whiteoutOf } from '../../oci/layer/whiteout.ts';
import { fileTypes } from '../linux/device.ts';
import { type FileStat, closeFile, openFile, openFlags, readLink, statFile } from '../linux/file.ts';
import { AT_FDCWD } from '../linux/libc.ts';
import { readXattrs } from '../linux/xattr.ts';
import type { LowerDirectory } from './lower-directory.ts';
import type { OutputBuffer } from './output-buffer.ts';
import { isDirectory, overlayXattrPrefix } from './overlay-format.ts';
import { type UpperEntry, type UpperVisitor, ifStillThere, pathIn, walkUpper } from './walk-upper.ts';

/** Writes the layer of `upper` over `lower` to `output`. */
export function diffLayer(upper: string, lower: LowerDirectory | undefined, output: OutputBuffer): void {
  const writer = new DiffWriter(output);
  writer.root(upper, lower);
  walkUpper(upper, lower, writer);
  output.write(endOfArchive);
  output.flush();
}

class DiffWriter implements UpperVisitor {
  readonly #output: OutputBuffer;
  /** The first name of every file that has several. */
  readonly #firstNames = new Map<bigint, Buffer>();

  constructor(output: OutputBuffer) {
    this.#output = output;
  }

  /** The root is in the layer only where the container changed it, as with docker. */
  root(upper: string, lower: LowerDirectory | undefined): void {
    const stat = statFile(AT_FDCWD, upper);
    const below = lower && statFile(AT_FDCWD, lower.path);
    if (!below || (below.mode === stat.mode && below.uid === stat.uid && below.gid === stat.gid)) return;
    const header = headerOf(Buffer.from('./'), 'directory', stat);
    this.#output.write(encodeTarHeader({ ...header, xattrs: ownXattrs(Buffer.from(upper)) }));
  }

  enter(entry: UpperEntry): void {
    if (entry.isWhiteout) return this.#marker(sibling(entry, whiteoutOf(entry.name)), entry.stat);
    const type = typeOf(entry.stat);
    if (!type) return;
    if (type === 'file') return this.#file(entry);
    const linkName = type === 'symlink' ? ifStillThere(() => readLink(entry.parent, entry.name)) : noBytes;
    const xattrs = ifStillThere(() => ownXattrs(pathIn(entry.parent, entry.name)));
    if (!linkName || !xattrs) return;
    const name = type === 'directory' ? Buffer.concat([entry.path, slash]) : entry.path;
    this.#output.write(encodeTarHeader({ ...headerOf(name, type, entry.stat), linkName, xattrs }));
    // Overlayfs marks every new directory; only where there is one below does the mark say anything.
    if (entry.isOpaque && entry.lower?.directory) {
      this.#marker(Buffer.concat([name, opaqueMarker]), entry.stat);
    }
  }

  #file(entry: UpperEntry): void {
    // A fifo put in the file's place must not stop the walk, hence non-blocking.
    const file = ifStillThere(() =>
      openFile(entry.parent, entry.name, openFlags.read | openFlags.nonBlocking),
    );
    if (file === undefined) return;
    try {
      const stat = statFile(file, '');
      const first = this.#firstNames.get(stat.inode);
      if (typeOf(stat) !== 'file') return;
      if (first) return this.#link(entry.path, first, stat);
      if (stat.links > 1) this.#firstNames.set(stat.inode, entry.path);
      this.#content(entry, file, stat);
    } finally {
      closeFile(file);
    }
  }

  #content({ path, parent, name }: UpperEntry, file: number, stat: FileStat): void {
    const xattrs = ifStillThere(() => ownXattrs(pathIn(parent, name))) ?? emptyHeader.xattrs;
    this.#output.write(encodeTarHeader({ ...headerOf(path, 'file', stat), size: stat.size, xattrs }));
    if (stat.size === 0) return;
    this.#output.writeFile(file, stat.size);
    this.#output.write(tarPadding(stat.size));
  }

  #link(path: Buffer, first: Buffer, stat: FileStat): void {
    this.#output.write(encodeTarHeader({ ...headerOf(path, 'link', stat), linkName: first }));
  }

  /** An empty file with a meaning. */
  #marker(path: Buffer, { mtime }: FileStat): void {
    this.#output.write(encodeTarHeader({ ...emptyHeader, name: path, mtime }));
  }
}

const noBytes = Buffer.alloc(0);
const slash = Buffer.from('/');

const emptyHeader: TarHeader = {
  name: noBytes,
  type: 'file',
  mode: 0,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: { seconds: 0, nanoseconds: 0 },
  linkName: noBytes,
  major: 0,
  minor: 0,
  xattrs: new Map(),
};

function headerOf(name: Buffer, type: TarType, stat: FileStat): TarHeader {
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

/** Undefined for a socket: it is nothing without its process. */
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

function sibling({ path, name }: UpperEntry, other: Buffer): Buffer {
  return Buffer.concat([path.subarray(0, path.length - name.length), other]);
}

function ownXattrs(path: Buffer): Map<string, Buffer> {
  return new Map([...readXattrs(path)].filter(([name]) => !name.startsWith(overlayXattrPrefix)));
}
