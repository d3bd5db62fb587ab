/** mount(2) and umount2(2): no `mount` process per container. */
import { check, cString, libc } from './libc.ts';

export const mountFlags = {
  readOnly: 1,
  noSuid: 2,
  noDev: 4,
  noExec: 8,
  synchronous: 16,
  remount: 32,
  mandatoryLock: 64,
  synchronousDirectories: 128,
  noAccessTime: 1024,
  noDirectoryAccessTime: 2048,
  bind: 4096,
  recursive: 16384,
  unbindable: 1 << 17,
  private: 1 << 18,
  slave: 1 << 19,
  shared: 1 << 20,
  relativeAccessTime: 1 << 21,
  strictAccessTime: 1 << 24,
} as const;

const MNT_DETACH = 2;
const UMOUNT_NOFOLLOW = 8;

export interface Mount {
  readonly type: string;
  readonly source: string;
  readonly target: string;
  /** `mountFlags`, or-ed. */
  readonly flags?: number;
  /** What the file system itself reads; at most a page. */
  readonly options?: string;
}

/** @throws SystemCallError */
export function mount({ type, source, target, flags = 0, options = '' }: Mount): void {
  const result = libc.mount(cString(source), cString(target), cString(type), flags, cString(options));
  check(result, `mount ${type}`, target);
}

/** Takes the mount out of the tree at once, even while it is in use; it ends with its last user. */
export function detach(target: string): void {
  check(libc.umount2(cString(target), MNT_DETACH | UMOUNT_NOFOLLOW), 'umount2', target);
}

/** @throws SystemCallError EBUSY while it is in use, EINVAL when nothing is mounted there. */
export function unmount(target: string): void {
  check(libc.umount2(cString(target), UMOUNT_NOFOLLOW), 'umount2', target);
}
