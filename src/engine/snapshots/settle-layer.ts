/**
 * What an archive leaves open is settled when the layer gets its parent: directories that it only names in paths take
 * owner and mode from below, hard links into lower layers bring their file along, whiteouts of nothing go away
 * (overlayfs would list them). Works on the layer from outside its root: no path is used before it is known to be
 * free of links.
 */
import { copyFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { CorruptError } from '../../lib/errors.ts';
import { fileTypes } from '../linux/device.ts';
import {
  type FileStat,
  changeMode,
  changeOwner,
  changeTimes,
  makeDirectory,
  makeHardLink,
  removeFile,
  statFile,
} from '../linux/file.ts';
import { AT_FDCWD } from '../linux/libc.ts';
import { readXattrs, setXattr } from '../linux/xattr.ts';
import type { AppliedLayer } from './apply-layer.ts';
import { parentOf } from '../../oci/layer/layer-path.ts';
import { LowerDirectory, join, statIfThere } from './lower-directory.ts';
import { isDirectory, overlayXattrPrefix } from './overlay-format.ts';

/**
 * @param directory the layer's.
 * @param lower the directories of the chain below, topmost first.
 * @throws CorruptError when a hard link leads nowhere.
 */
export async function settleLayer(
  directory: string,
  applied: AppliedLayer,
  lower: readonly string[],
): Promise<void> {
  const settler = new Settler(directory, LowerDirectory.ofLayers(lower));
  let steps = 0;
  // Synchronous and small, but there may be many: other work gets its turn.
  const breathe = async () => {
    if (++steps % 64 === 0) await setImmediate();
  };
  for (const [path, target] of applied.links) {
    await settler.link(path, target);
    await breathe();
  }
  for (const path of applied.whiteouts) {
    settler.whiteout(path);
    await breathe();
  }
  // Last, since all of the above touches the times of directories.
  for (const path of applied.implied) {
    settler.implied(path);
    await breathe();
  }
}

class Settler {
  readonly #root: Buffer;
  readonly #lower: LowerDirectory | undefined;

  constructor(directory: string, lower: LowerDirectory | undefined) {
    this.#root = Buffer.from(directory);
    this.#lower = lower;
  }

  /** A directory that the layer made for a path's sake looks as it did below. */
  implied(path: string): void {
    const here = this.#locate(path);
    const below = this.#below(path);
    if (here && below && isDirectory(below.stat)) copyAttributes(below.path, here, below.stat);
  }

  whiteout(path: string): void {
    const here = this.#locate(path);
    if (!here || this.#below(path)) return;
    this.#keepingTime(parentOf(path), () => removeFile(here));
  }

  /** As overlayfs would: the target is copied up, then both names are one file. */
  async link(path: string, target: string): Promise<void> {
    const below = this.#lower?.find(Buffer.from(target, 'latin1'));
    if (!below || (below.stat.mode & fileTypes.mask) !== fileTypes.regular) throw missingTarget(path, target);
    this.#ensureParents(target);
    const from = this.#locate(target);
    const to = this.#locate(path);
    if (!from || !to) throw missingTarget(path, target);
    if (!statIfThere(from)) {
      await copyFile(below.path, from);
      copyAttributes(below.path, from, below.stat);
    }
    this.#keepingTime(parentOf(path), () => makeHardLink(from, to));
  }

  /** The place of a path in the layer, or undefined when it leads through a link or a file. */
  #locate(path: string): Buffer | undefined {
    let here = this.#root;
    const parts = path === '' ? [] : path.split('/');
    for (const [index, part] of parts.entries()) {
      here = join(here, Buffer.from(part, 'latin1'));
      const stat = index < parts.length - 1 ? statIfThere(here) : undefined;
      if (index < parts.length - 1 && !(stat && isDirectory(stat))) return undefined;
    }
    return here;
  }

  #below(path: string): { path: Buffer; stat: FileStat } | undefined {
    if (!this.#lower) return undefined;
    if (path !== '') return this.#lower.find(Buffer.from(path, 'latin1'));
    return { path: this.#lower.path, stat: statFile(AT_FDCWD, this.#lower.path) };
  }

  #ensureParents(path: string): void {
    const parent = parentOf(path);
    if (parent === '') return;
    this.#ensureParents(parent);
    const here = this.#locate(parent);
    if (!here || statIfThere(here)) return;
    this.#keepingTime(parentOf(parent), () => makeDirectory(here, 0o755));
    this.implied(parent);
  }

  #keepingTime(parent: string, change: () => void): void {
    const here = this.#locate(parent);
    const before = here && statIfThere(here);
    change();
    if (here && before) changeTimes(here, before.mtime);
  }
}

function copyAttributes(from: Buffer, to: Buffer, stat: FileStat): void {
  changeOwner(to, stat.uid, stat.gid);
  changeMode(to, stat.mode & 0o7777);
  for (const [name, value] of readXattrs(from)) {
    if (!name.startsWith(overlayXattrPrefix)) setXattr(to, name, value);
  }
  changeTimes(to, stat.mtime);
}

function missingTarget(path: string, target: string): CorruptError {
  return new CorruptError(
    `failed to register layer: hardlink ${JSON.stringify(path)}: no such file ${JSON.stringify(target)}`,
  );
}
