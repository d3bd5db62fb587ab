/** The bytes and the attributes of one member of a layer, put on what apply-layer.ts made for it. */
import { errnoOf } from '../../lib/errors.ts';
import type { TarEntry } from '../../oci/layer/untar.ts';
import { changeMode, changeOwner, changeTimes, truncate, writeFully, writeFullyAt } from '../linux/file.ts';
import { setXattr } from '../linux/xattr.ts';
import { bytesOf } from '../../oci/layer/layer-path.ts';
import { overlayXattrPrefix } from './overlay-format.ts';

/** Attributes of a directory wait until all is in it: creating files would change its time. */
export type DirectoryAttributes = Pick<TarEntry, 'mode' | 'uid' | 'gid' | 'mtime' | 'xattrs'>;

export function attributesOf({ mode, uid, gid, mtime, xattrs }: TarEntry): DirectoryAttributes {
  return { mode, uid, gid, mtime, xattrs };
}

export function applyToDirectory(path: string, { mode, uid, gid, mtime, xattrs }: DirectoryAttributes): void {
  const raw = bytesOf(path);
  if (uid !== 0 || gid !== 0) changeOwner(raw, uid, gid);
  // What was made with 0755 and shall be 0755 is most of a file system.
  if (mode !== 0o755 || uid !== 0 || gid !== 0) changeMode(raw, mode);
  applyXattrs(raw, xattrs);
  changeTimes(raw, mtime);
}

/** What is needed of a member to write its bytes. */
export type EntryContent = Pick<TarEntry, 'size' | 'segments' | 'data'>;

/** Writes the file's data; where the archive left holes, so does the file. */
export function writeContent(file: number, entry: EntryContent): void {
  const [first] = entry.segments;
  if (first?.length === entry.size) {
    for (const chunk of entry.data()) writeFully(file, chunk);
    return;
  }
  if (entry.size === 0) return;
  writeSparse(file, entry);
}

function writeSparse(file: number, entry: EntryContent): void {
  truncate(file, entry.size);
  const segments = entry.segments.values();
  let segment = segments.next().value;
  let done = 0;
  for (const chunk of entry.data()) {
    for (let at = 0; at < chunk.length && segment;) {
      const part = chunk.subarray(at, at + segment.length - done);
      writeFullyAt(file, part, segment.offset + done);
      at += part.length;
      done += part.length;
      if (done < segment.length) continue;
      segment = segments.next().value;
      done = 0;
    }
  }
}

/** Attributes that the file system or the kernel won't have are left out, as docker does. */
export function applyXattrs(path: Buffer, xattrs: ReadonlyMap<string, Buffer>): void {
  for (const [name, value] of xattrs) {
    if (name.startsWith(overlayXattrPrefix)) continue;
    try {
      setXattr(path, name, value);
    } catch (error) {
      const code = errnoOf(error);
      if (code !== 'EOPNOTSUPP' && code !== 'ENOTSUP' && code !== 'EPERM') throw error;
    }
  }
}
