/**
 * Flags of inodes (chattr): advice to the file system about where things go. https://man7.org/linux/man-pages/man2/FS_IOC_GETFLAGS.2const.html
 */
import { closeFile, openDirectory } from './file.ts';
import { AT_FDCWD, type Path, libc } from './libc.ts';

const FS_IOC_GETFLAGS = 0x80086601;
const FS_IOC_SETFLAGS = 0x40086602;
const FS_TOPDIR_FL = 0x20000;

/**
 * Has the file system put each directory made in this one into another region of the disk (chattr +T). On ext4, a
 * file made within minutes after thousands were deleted costs a search among their inodes, region by region: what is
 * spread stays clear of it. Where a file system has no such flag, all stays as it is.
 */
export function spreadDirectories(path: Path): void {
  const directory = openDirectory(AT_FDCWD, path);
  try {
    const flags = new Int32Array(2);
    if (libc.ioctl(directory, FS_IOC_GETFLAGS, flags) < 0) return;
    flags[0] = (flags[0] ?? 0) | FS_TOPDIR_FL;
    libc.ioctl(directory, FS_IOC_SETFLAGS, flags);
  } finally {
    closeFile(directory);
  }
}
