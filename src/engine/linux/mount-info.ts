/** What is mounted where, as the kernel tells it. https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html */
import { readFileSync } from 'node:fs';

export interface MountInfo {
  readonly mountPoint: string;
  /** `shared:1`, `master:2`, …: whom its mounts are propagated to and from. */
  readonly propagation: readonly string[];
}

/** In the order of mounting: of several at one place the last is on top. */
export function readMounts(text = readFileSync('/proc/self/mountinfo', 'utf8')): MountInfo[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.split(' ');
    const mountPoint = fields[4];
    if (mountPoint === undefined) return [];
    return [{ mountPoint: unescape(mountPoint), propagation: fields.slice(6, fields.indexOf('-')) }];
  });
}

/** Blanks and backslashes are in octal. */
function unescape(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

/** The mount that an absolute path without links lies on. */
export function mountOf(path: string, mounts = readMounts()): MountInfo | undefined {
  let found: MountInfo | undefined;
  for (const mount of mounts) {
    if (!isWithin(path, mount.mountPoint)) continue;
    if (!found || mount.mountPoint.length >= found.mountPoint.length) found = mount;
  }
  return found;
}

/** True for the directory itself, too. */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || directory === '/' || path.startsWith(`${directory}/`);
}

/** Binds count, which `isMounted` of a file system's number would miss. */
export function isMountPoint(path: string): boolean {
  return readMounts().some(({ mountPoint }) => mountPoint === path);
}
