/**
 * A container's writable directory as a layer: its entries as a tar, overlayfs' whiteouts and opaque directories in
 * the form of the OCI, overlayfs' own attributes left out. The same directory gives the same bytes.
 * https://github.com/opencontainers/image-spec/blob/main/layer.md#representing-changes
 */
import { encodeTarHeader, endOfArchive } from '../../oci/layer/tar.ts';
import { opaqueMarker, whiteoutOf } from '../../oci/layer/whiteout.ts';
import { type FileStat, statFile } from '../linux/file.ts';
import { AT_FDCWD } from '../linux/libc.ts';
import type { LowerDirectory } from './lower-directory.ts';
import { MemberWriter, emptyHeader, headerOf, ownXattrs } from './member-writer.ts';
import type { OutputBuffer } from './output-buffer.ts';
import { type UpperEntry, type UpperVisitor, pathIn, walkUpper } from './walk-upper.ts';

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
  readonly #members: MemberWriter;

  constructor(output: OutputBuffer) {
    this.#output = output;
    this.#members = new MemberWriter(output, pathIn);
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
    this.#members.write(entry.path, entry, entry.stat);
    // Overlayfs marks every new directory; only where there is one below does the mark say anything.
    if (entry.isOpaque && entry.lower?.directory) {
      this.#marker(Buffer.concat([entry.path, slash, opaqueMarker]), entry.stat);
    }
  }

  /** An empty file with a meaning. */
  #marker(path: Buffer, { mtime }: FileStat): void {
    this.#output.write(encodeTarHeader({ ...emptyHeader, name: path, mtime }));
  }
}

const slash = Buffer.from('/');

function sibling({ path, name }: UpperEntry, other: Buffer): Buffer {
  return Buffer.concat([path.subarray(0, path.length - name.length), other]);
}
