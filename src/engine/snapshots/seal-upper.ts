/**
 * Makes a writable directory fit to be a layer while its archive is written: it holds afterwards what unpacking the
 * archive would give. Overlayfs' notes about where a file was copied up from go, what hides nothing goes, and with an
 * epoch no time is later than that. https://reproducible-builds.org/docs/source-date-epoch/
 */
import {
  type FileStat,
  type Timestamp,
  changeTimes,
  removeDirectory,
  removeFile,
  statFile,
} from '../linux/file.ts';
import { AT_FDCWD, type Path } from '../linux/libc.ts';
import { listXattrs, removeXattr } from '../linux/xattr.ts';
import { isDirectory, opaqueXattr, overlayXattrPrefix } from './overlay-format.ts';
import { type UpperEntry, pathIn } from './walk-upper.ts';

/** A directory that the walk is in. */
interface Entered {
  readonly mtime: Timestamp;
  /** Its time is to be set again, now that its entries changed or it was too late. */
  isTouched: boolean;
}

export class UpperSealer {
  readonly #root: string;
  readonly #epoch: number | undefined;
  readonly #entered: Entered[] = [];

  /** @param epoch in seconds. */
  constructor(root: string, epoch: number | undefined) {
    this.#root = root;
    this.#epoch = epoch;
  }

  /** Before all entries. @returns the root's looks. */
  enterRoot(): FileStat {
    return this.#enter(this.#root, statFile(AT_FDCWD, this.#root), false);
  }

  /** After all entries. @param mtime of a root that is not in the layer: as it is below. */
  leaveRoot(mtime?: Timestamp): void {
    const entered = this.#entered.pop();
    if (mtime) changeTimes(this.#root, mtime);
    else if (entered?.isTouched) changeTimes(this.#root, entered.mtime);
  }

  /** The looks of a file whose time is no later than the epoch. */
  clamp(stat: FileStat): FileStat {
    if (this.#epoch === undefined || !isLater(stat.mtime, this.#epoch)) return stat;
    return { ...stat, mtime: { seconds: this.#epoch, nanoseconds: 0 } };
  }

  /** Before the entry is written. @returns its looks from now on. */
  enter(entry: UpperEntry): FileStat {
    const keepsOpaque = entry.isOpaque && entry.lower?.directory !== undefined;
    return this.#enter(pathIn(entry.parent, entry.name), entry.stat, keepsOpaque);
  }

  /** After the entries of a directory that is in the layer. */
  leave(entry: UpperEntry): void {
    const entered = this.#entered.pop();
    if (entered?.isTouched) changeTimes(pathIn(entry.parent, entry.name), entered.mtime);
  }

  /** Takes away what the archive has no member for. A directory is empty then. */
  drop(entry: UpperEntry): void {
    const path = pathIn(entry.parent, entry.name);
    if (isDirectory(entry.stat)) {
      this.#entered.pop();
      removeDirectory(path);
    } else {
      removeFile(path);
    }
    const parent = this.#entered.at(-1);
    if (parent) parent.isTouched = true;
  }

  #enter(path: Path, stat: FileStat, keepsOpaque: boolean): FileStat {
    for (const name of listXattrs(path)) {
      if (name.startsWith(overlayXattrPrefix) && !(keepsOpaque && name === opaqueXattr))
        removeXattr(path, name);
    }
    const clamped = this.clamp(stat);
    const isLate = clamped !== stat;
    if (isDirectory(stat)) this.#entered.push({ mtime: clamped.mtime, isTouched: isLate });
    else if (isLate) changeTimes(path, clamped.mtime);
    return clamped;
  }
}

function isLater({ seconds, nanoseconds }: Timestamp, epoch: number): boolean {
  return seconds > epoch || (seconds === epoch && nanoseconds > 0);
}
