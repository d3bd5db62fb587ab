/**
 * Mounts as descriptors (the calls of Linux 5.2 and later): a tree is copied here, attached there, and no path is looked up
 * twice, so nobody can put a link in its way. And a mount namespace of the thread's own, with one tree in it.
 * https://man7.org/linux/man-pages/man2/open_tree.2.html, move_mount.2.html, mount_setattr.2.html, pivot_root.2.html
 */
import { ptr } from 'bun:ffi';
import { errnoOf } from '../../lib/errors.ts';
import { AT_FDCWD, type Path, check, cString, libc, systemCall } from './libc.ts';

/** The kernel's numbers; the newer calls have the same everywhere. */
const numbers = {
  ...(process.arch === 'arm64' ? { pivot_root: 41, unshare: 97 } : { pivot_root: 155, unshare: 272 }),
  open_tree: 428,
  move_mount: 429,
  mount_setattr: 442,
  openat2: 437,
};

const CLONE_NEWNS = 0x20000;
const MS_PRIVATE_REC = (1 << 18) | 16384;
const MNT_DETACH = 2;

const AT_EMPTY_PATH = 0x1000;
const AT_RECURSIVE = 0x8000;
const OPEN_TREE_CLONE = 1;
const OPEN_TREE_CLOEXEC = 0o2000000;
const MOVE_MOUNT_F_EMPTY_PATH = 0x4;
const MOVE_MOUNT_T_EMPTY_PATH = 0x40;
const MOUNT_ATTR_RDONLY = 1n;

const O_PATH_CLOEXEC = 0o12000000n;
const RESOLVE_NO_MAGICLINKS = 0x02n;
const RESOLVE_BENEATH = 0x08n;

/** How often a path is looked up again while directories on it are renamed. */
const maxTries = 1000;

/** From here on what this thread mounts and unmounts is nobody else's, and the other way round. */
export function enterOwnMountNamespace(): void {
  check(systemCall(numbers.unshare, CLONE_NEWNS), 'unshare');
  check(libc.mount(cString(''), cString('/'), cString(''), MS_PRIVATE_REC, cString('')), 'mount', '/');
}

/** A copy of what is mounted at `path`, not attached anywhere yet. Links are followed. @returns a descriptor. */
export function copyMount(path: Path, { recursive }: { readonly recursive: boolean }): number {
  const name = cString(path);
  const flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (recursive ? AT_RECURSIVE : 0);
  return check(systemCall(numbers.open_tree, AT_FDCWD, ptr(name), flags), 'open_tree', path);
}

/**
 * What is at `path` below an open directory. Links are followed as long as they stay below; the kernel sees to that on
 * every step, whoever moves directories meanwhile. https://man7.org/linux/man-pages/man2/openat2.2.html
 * @returns a descriptor that can be mounted from and nothing else. @throws SystemCallError EXDEV when it leads out.
 */
export function openBeneath(directory: number, path: Path): number {
  const name = cString(path);
  // struct open_how: flags, mode, resolve.
  const how = BigUint64Array.of(O_PATH_CLOEXEC, 0n, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
  // EAGAIN: somebody renames right now, and the kernel can't tell whether the path stays below.
  for (let tries = 0; ; tries++) {
    const result = systemCall(numbers.openat2, directory, ptr(name), ptr(how), 24);
    try {
      return check(result, 'openat2', path);
    } catch (error) {
      if (errnoOf(error) !== 'EAGAIN' || tries === maxTries) throw error;
    }
  }
}

/** As `copyMount`, of an open file or directory. */
export function copyOpenMount(file: number, { recursive }: { readonly recursive: boolean }): number {
  const here = cString('');
  const flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
  return check(systemCall(numbers.open_tree, file, ptr(here), flags), 'open_tree');
}

/** Attaches a copied tree to the open file or directory. */
export function attachMount(tree: number, target: number): void {
  const here = cString('');
  const flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
  check(systemCall(numbers.move_mount, tree, ptr(here), target, ptr(here), flags), 'move_mount');
}

/** Nothing can be written through this mount any more. */
export function makeReadOnly(tree: number, { recursive }: { readonly recursive: boolean }): void {
  // struct mount_attr: set, clear, propagation, a user namespace.
  const attributes = BigUint64Array.of(MOUNT_ATTR_RDONLY, 0n, 0n, 0n);
  const here = cString('');
  const flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
  const result = systemCall(numbers.mount_setattr, tree, ptr(here), flags, ptr(attributes), 32);
  check(result, 'mount_setattr');
}

/**
 * Makes the mount at `root` all that there is in this thread's mount namespace. Where the present root can't be put away
 * (an initial ramdisk, a chroot), only the thread's own root changes.
 */
export function switchRoot(root: Path): void {
  check(libc.chdir(cString(root)), 'chdir', root);
  const here = cString('.');
  try {
    check(systemCall(numbers.pivot_root, ptr(here), ptr(here)), 'pivot_root', root);
    // The old root lies on top of the new one now.
    check(libc.umount2(here, MNT_DETACH), 'umount2', root);
  } catch (error) {
    if (errnoOf(error) !== 'EINVAL') throw error;
    check(libc.chroot(here), 'chroot', root);
  }
  check(libc.chdir(cString('/')), 'chdir', '/');
}
