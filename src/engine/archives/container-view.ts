/**
 * Shuts this thread into a container's files: the root, with binds and volumes in their places, in a mount namespace of
 * its own. A container that is stopped is seen as if it ran. From then on the kernel keeps every path inside, whatever a
 * running container does to its links meanwhile; and the engine's other mounts are not held by this process.
 */
import { dirname } from 'node:path';
import { errnoOf } from '../../lib/errors.ts';
import { changeOwner, closeFile, makeDirectory, openFlags, statFollowing, statFile } from '../linux/file.ts';
import { AT_FDCWD, check, cString, libc } from '../linux/libc.ts';
import {
  attachMount,
  copyMount,
  copyOpenMount,
  enterOwnMountNamespace,
  makeReadOnly,
  openBeneath,
  switchRoot,
} from '../linux/mount-tree.ts';
import { isDirectory } from '../snapshots/overlay-format.ts';
import type { View, ViewMount } from './archive-request.ts';

/** @throws SystemCallError */
export function enterView({ root, mounts, readonlyRoot }: View): void {
  enterOwnMountNamespace();
  // Copied while the host's paths still mean something; what is gone from the host shows as the image has it.
  const trees = mounts.flatMap((mount) => {
    const tree = copyOf(mount);
    return tree === undefined ? [] : [{ ...mount, tree }];
  });
  switchRoot(root);
  for (const { tree, destination, readonly, recursive } of trees) {
    const target = openMountPoint(destination, isDirectory(statFile(tree, '')));
    if (readonly) makeReadOnly(tree, { recursive });
    attachMount(tree, target);
    closeFile(target);
    closeFile(tree);
  }
  if (readonlyRoot) protectRoot();
}

function copyOf({ source, recursive, subpath }: ViewMount): number | undefined {
  try {
    return subpath === undefined ? copyMount(source, { recursive }) : copyBelow(source, subpath);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function copyBelow(source: string, subpath: string): number {
  const directory = open(source);
  const file = openBeneath(directory, subpath);
  closeFile(directory);
  const tree = copyOpenMount(file, { recursive: true });
  closeFile(file);
  return tree;
}

/** Only the root itself: volumes below it stay as they are. */
function protectRoot(): void {
  const root = open('/');
  makeReadOnly(root, { recursive: false });
  closeFile(root);
}

/** Made where it is not there yet, as the runtime does at the container's start. */
function openMountPoint(destination: string, asDirectory: boolean): number {
  try {
    return open(destination);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
  const parent = asDirectory ? destination : dirname(destination);
  makeDirectories(Buffer.from(parent));
  if (!asDirectory) {
    const flags = openFlags.write | openFlags.create | openFlags.closeOnExec;
    closeFile(check(libc.openat(AT_FDCWD, cString(destination), flags, 0o644), 'open', destination));
  }
  return open(destination);
}

/** Links on the way are followed, inside the root. */
function open(path: string): number {
  return check(libc.openat(AT_FDCWD, cString(path), openFlags.path | openFlags.closeOnExec, 0), 'open', path);
}

/** As `mkdir -p`. @param owner of what is made; root's otherwise. */
export function makeDirectories(path: Buffer, owner?: { readonly uid: number; readonly gid: number }): void {
  try {
    makeDirectory(path, 0o755);
    if (owner) changeOwner(path, owner.uid, owner.gid);
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'EEXIST' && isDirectory(statFollowing(path))) return;
    const slash = path.lastIndexOf('/');
    if (code !== 'ENOENT' || slash <= 0) throw error;
    makeDirectories(path.subarray(0, slash), owner);
    makeDirectories(path, owner);
  }
}
