/**
 * One overlay mount: layers below, a writable directory on top.
 * The options have to fit into a page; layers are named through a descriptor of the store's directory, so that 127 of
 * them do, wherever the store lies. https://docs.kernel.org/filesystems/overlayfs.html
 */
import { existsSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { release } from 'node:os';
import { dirname, join } from 'node:path';
import { InvalidError, UnavailableError, errnoOf, messageOf } from '../../lib/errors.ts';
import { closeFile, openDirectory } from '../linux/file.ts';
import { AT_FDCWD } from '../linux/libc.ts';
import { detach, mount } from '../linux/mount.ts';

/** As many layers as docker allows. */
export const maxDepth = 127;

export interface Overlay {
  /** The directory that the paths below are relative to. */
  readonly root: string;
  /** Topmost first, at least one. */
  readonly lower: readonly string[];
  readonly upper: string;
  readonly work: string;
  /** Where to mount: an absolute path. */
  readonly target: string;
  /** Nothing that is written waits for the disk, not even what asks for it, nor the end of the mount. */
  readonly isVolatile?: boolean;
}

/** @throws InvalidError for too many layers, UnavailableError when the kernel refuses. */
export function mountOverlay({ root, lower, upper, work, target, isVolatile }: Overlay): void {
  // One more for the ground below the layers.
  if (lower.length > maxDepth + 1) throw new InvalidError('max depth exceeded');
  const directory = openDirectory(AT_FDCWD, root);
  const at = (path: string) => `/proc/self/fd/${directory}/${path}`;
  try {
    // Left by such a mount, for nobody to mistake its files for safe ones; it is the same engine that mounts them again.
    if (isVolatile) rmSync(join(root, work, 'work/incompat'), { recursive: true, force: true });
    const options = [
      `lowerdir=${lower.map(at).join(':')}`,
      `upperdir=${at(upper)}`,
      `workdir=${at(work)}`,
      ...featuresOff(),
      ...(isVolatile && knowsVolatile() ? ['volatile'] : []),
    ].join(',');
    mount({ type: 'overlay', source: 'overlay', target, options });
  } catch (error) {
    throw new UnavailableError(`cannot mount the container's root: ${messageOf(error)}`, { cause: error });
  } finally {
    closeFile(directory);
  }
}

/**
 * What would make a layer's directory mean something only together with those below it: renamed directories, files
 * with their metadata alone, an index of hard links. A kernel that doesn't know a feature refuses its option.
 */
function featuresOff(): string[] {
  return ['index', 'redirect_dir', 'metacopy']
    .filter((feature) => existsSync(`/sys/module/overlay/parameters/${feature}`))
    .map((feature) => `${feature}=off`);
}

/** Since Linux 5.10: https://docs.kernel.org/filesystems/overlayfs.html#volatile-mount */
function knowsVolatile(): boolean {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  return major > 5 || (major === 5 && minor >= 10);
}

/** True when something is mounted on the directory. */
export function isMounted(target: string): boolean {
  try {
    return statSync(target).dev !== statSync(dirname(target)).dev;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** A mount that is out of the tree, and held by a descriptor alone. */
export interface DetachedOverlay {
  /**
   * Lets it end, on a thread of the pool: at its end the kernel syncs the whole file system below, which takes its time.
   * Until this resolves the upper directory must not be mounted again.
   */
  end(): Promise<void>;
}

/** Takes the mount out of the tree. @returns undefined where nothing was mounted. */
export async function detachOverlay(target: string): Promise<DetachedOverlay | undefined> {
  if (!isMounted(target)) return undefined;
  const held: FileHandle[] = [];
  const end = async (): Promise<void> => {
    for (const file of held) await file.close();
  };
  try {
    while (isMounted(target)) {
      // A root that can't even be opened any more has to go all the same.
      const file = await open(join(target, '.'), 'r').catch(() => undefined);
      if (file) held.push(file);
      detachOnce(target);
    }
  } catch (error) {
    await end();
    throw error;
  }
  return { end };
}

function detachOnce(target: string): void {
  try {
    detach(target);
  } catch (error) {
    // Somebody else was faster: nothing is mounted there any more, or the directory itself has gone.
    if (!['EINVAL', 'ENOENT'].includes(errnoOf(error) ?? '')) throw error;
  }
}
