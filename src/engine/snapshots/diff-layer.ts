/**
 * A container's writable directory as a layer: its entries as a tar, overlayfs' whiteouts and opaque directories in
 * the form of the OCI, overlayfs' own attributes left out. The same directory gives the same bytes.
 * https://github.com/opencontainers/image-spec/blob/main/layer.md#representing-changes
 */
import { emptyHeader } from '../../oci/layer/tar-header.ts';
import { encodeTarHeader, endOfArchive } from '../../oci/layer/tar.ts';
import { opaqueMarker, whiteoutOf } from '../../oci/layer/whiteout.ts';
import { type FileStat, type Timestamp, statFile } from '../linux/file.ts';
import { AT_FDCWD } from '../linux/libc.ts';
import type { LowerDirectory } from './lower-directory.ts';
import { MemberWriter, hasMember, headerOf, ownXattrs } from './member-writer.ts';
import type { OutputBuffer } from './output-buffer.ts';
import { isDirectory } from './overlay-format.ts';
import type { UpperSealer } from './seal-upper.ts';
import { type UpperEntry, type UpperVisitor, ifStillThere, pathIn, walkUpper } from './walk-upper.ts';

/**
 * Writes the layer of `upper` over `lower` to `output`.
 * @param sealer makes the directory itself hold just that; nobody else writes to it then.
 * @returns the bytes of its files and links.
 */
export function diffLayer(
  upper: string,
  lower: LowerDirectory | undefined,
  output: OutputBuffer,
  sealer?: UpperSealer,
): number {
  const writer = new DiffWriter(output, sealer);
  const below = writer.root(upper, lower);
  walkUpper(upper, lower, writer);
  sealer?.leaveRoot(below);
  output.write(endOfArchive);
  output.flush();
  return writer.size;
}

class DiffWriter implements UpperVisitor {
  readonly #output: OutputBuffer;
  readonly #members: MemberWriter;
  readonly #sealer: UpperSealer | undefined;
  /** Directories on the way that are as they were below: written only if something in them is. */
  readonly #held: { readonly entry: UpperEntry; readonly stat: FileStat }[] = [];

  constructor(output: OutputBuffer, sealer: UpperSealer | undefined) {
    this.#output = output;
    this.#members = new MemberWriter(output, pathIn);
    this.#sealer = sealer;
  }

  get size(): number {
    return this.#members.size;
  }

  /** The root is in the layer only where the container changed it, as with docker. @returns its time below, where it isn't. */
  root(upper: string, lower: LowerDirectory | undefined): Timestamp | undefined {
    const stat = this.#sealer?.enterRoot() ?? statFile(AT_FDCWD, upper);
    const below = lower && statFile(AT_FDCWD, lower.path);
    if (!below || hasLooksOf(stat, below)) return below?.mtime;
    const header = headerOf(Buffer.from('./'), 'directory', stat);
    this.#output.write(encodeTarHeader({ ...header, xattrs: ownXattrs(Buffer.from(upper)) }));
    return undefined;
  }

  enter(entry: UpperEntry): void {
    const isVoid = entry.isWhiteout ? entry.isHiding || !entry.lower : !hasMember(entry.stat);
    if (isVoid) return this.#sealer?.drop(entry);
    if (entry.isWhiteout) {
      this.#release();
      return this.#marker(
        sibling(entry, whiteoutOf(entry.name)),
        this.#sealer?.clamp(entry.stat) ?? entry.stat,
      );
    }
    const isAsBelow = isDirectory(entry.stat) && isUnchanged(entry);
    const stat = this.#sealer?.enter(entry) ?? entry.stat;
    this.#held.push({ entry, stat });
    if (!isAsBelow) this.#release();
  }

  leave(entry: UpperEntry): void {
    if (this.#held.at(-1)?.entry !== entry) return this.#sealer?.leave(entry);
    this.#held.pop();
    this.#sealer?.drop(entry);
  }

  #release(): void {
    for (const { entry, stat } of this.#held.splice(0)) {
      this.#members.write(entry.path, entry, stat);
      // Overlayfs marks every new directory; only where there is one below does the mark say anything.
      if (entry.isOpaque && entry.lower?.directory) {
        this.#marker(Buffer.concat([entry.path, slash, opaqueMarker]), stat);
      }
    }
  }

  /** An empty file with a meaning. */
  #marker(path: Buffer, { mtime }: FileStat): void {
    this.#output.write(encodeTarHeader({ ...emptyHeader, name: path, mtime }));
  }
}

/** A directory that overlayfs copied up on the way to an entry which is gone again. */
function isUnchanged({ parent, name, stat, lower, isHiding }: UpperEntry): boolean {
  if (!lower?.directory || isHiding || !hasLooksOf(stat, lower.stat)) return false;
  if (!isSameTime(stat.mtime, lower.stat.mtime)) return false;
  const [here, below] = [ifStillThere(() => ownXattrs(pathIn(parent, name))), ownXattrs(lower.path)];
  return (
    here?.size === below.size && [...below].every(([key, value]) => here.get(key)?.equals(value) === true)
  );
}

/** Times apart. */
export function hasLooksOf(a: FileStat, b: FileStat): boolean {
  return a.mode === b.mode && a.uid === b.uid && a.gid === b.gid;
}

function isSameTime(a: Timestamp, b: Timestamp): boolean {
  return a.seconds === b.seconds && a.nanoseconds === b.nanoseconds;
}

const slash = Buffer.from('/');

function sibling({ path, name }: UpperEntry, other: Buffer): Buffer {
  return Buffer.concat([path.subarray(0, path.length - name.length), other]);
}
