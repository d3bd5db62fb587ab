/** The kernel's answers arrive as they are: numbers, bytes and errno names. Needs root. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { lstatSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errnoOf } from '../../lib/errors.ts';
import { fileTypes, makeNode } from './device.ts';
import {
  changeOwner,
  changeTimes,
  closeFile,
  makeDirectory,
  makeSymlink,
  openDirectory,
  openFile,
  openFlags,
  readLink,
  readNames,
  removeDirectory,
  removeFile,
  statFile,
  truncate,
  writeFully,
} from './file.ts';
import { AT_FDCWD, type SystemCallError } from './libc.ts';
import { detach, mount, unmount } from './mount.ts';
import { getXattr, readXattrs, setXattr } from './xattr.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'layers-linux-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function isMountedHere(path: string): boolean {
  return readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${path} `);
}

function codeOf(step: () => unknown): string | undefined {
  try {
    step();
    return undefined;
  } catch (error) {
    return errnoOf(error);
  }
}

describe('errors', () => {
  test('carry the errno of their own call, however many there are', () => {
    const file = join(directory, 'file');
    writeFileSync(file, '');
    for (let index = 0; index < 20_000; index++) {
      expect(codeOf(() => removeFile(join(directory, 'none')))).toBe('ENOENT');
      expect(codeOf(() => removeFile(join(file, 'below')))).toBe('ENOTDIR');
    }
    expect(codeOf(() => makeDirectory(file, 0o755))).toBe('EEXIST');
    expect(codeOf(() => removeDirectory(file))).toBe('ENOTDIR');
  });

  test('name the call and the path', () => {
    try {
      removeFile('/none/such');
      expect.unreachable();
    } catch (error) {
      expect((error as SystemCallError).message).toBe("ENOENT: unlink '/none/such'");
      expect((error as SystemCallError).syscall).toBe('unlink');
    }
  });
});

describe('files', () => {
  test('have names of any bytes', () => {
    const name = Buffer.from([0x61, 0xff, 0x0a, 0x80]);
    const parent = openDirectory(AT_FDCWD, directory);
    closeFile(openFile(parent, name, openFlags.write | openFlags.create, 0o600));
    expect(readNames(parent)).toEqual([name]);
    expect(statFile(parent, name).mode & 0o777).toBe(0o600);
    closeFile(parent);
  });

  test('are listed by the thousand', () => {
    for (let index = 0; index < 3000; index++) writeFileSync(join(directory, `file-${index}`), '');
    const parent = openDirectory(AT_FDCWD, directory);
    expect(new Set(readNames(parent).map(String)).size).toBe(3000);
    closeFile(parent);
  });

  test('keep times before 1970 and past 2106, with nanoseconds', () => {
    const path = join(directory, 'file');
    writeFileSync(path, '');
    for (const mtime of [
      { seconds: -1, nanoseconds: 999_999_999 },
      { seconds: 2 ** 32 + 5, nanoseconds: 1 },
    ]) {
      changeTimes(path, mtime);
      expect(statFile(AT_FDCWD, path).mtime).toEqual(mtime);
    }
  });

  test('grow by holes and by what is written', () => {
    const path = join(directory, 'file');
    const file = openFile(AT_FDCWD, path, openFlags.write | openFlags.create, 0o644);
    writeFully(file, Buffer.from('abc'));
    truncate(file, 5_000_000_000);
    expect(statFile(file, '').size).toBe(5_000_000_000);
    closeFile(file);
  });

  test('are not opened through a link in their place', () => {
    writeFileSync(join(directory, 'file'), 'x');
    makeSymlink('file', join(directory, 'link'));
    expect(codeOf(() => openFile(AT_FDCWD, join(directory, 'link'), openFlags.read))).toBe('ELOOP');
    expect(readLink(AT_FDCWD, join(directory, 'link')).toString()).toBe('file');
  });

  test('owners of links change, not those of what they lead to', () => {
    writeFileSync(join(directory, 'file'), 'x');
    makeSymlink('file', join(directory, 'link'));
    changeOwner(join(directory, 'link'), 1, 4_000_000_000);
    expect(lstatSync(join(directory, 'link'))).toMatchObject({ uid: 1, gid: 4_000_000_000 });
    expect(lstatSync(join(directory, 'file'))).toMatchObject({ uid: 0, gid: 0 });
  });

  test('of devices have their numbers, large ones too', () => {
    const path = join(directory, 'device');
    makeNode(path, fileTypes.block | 0o600, 300, 70_000);
    expect(statFile(AT_FDCWD, path)).toMatchObject({ major: 300, minor: 70_000 });
  });
});

describe('extended attributes', () => {
  test('hold bytes, short, long and none', () => {
    const path = join(directory, 'file');
    writeFileSync(path, '');
    const long = Buffer.alloc(3000, 'x');
    setXattr(path, 'user.long', long);
    setXattr(path, 'user.empty', Buffer.alloc(0));
    setXattr(path, 'user.bytes', Buffer.from([0, 255, 10]));
    expect(readXattrs(path)).toEqual(
      new Map([
        ['user.bytes', Buffer.from([0, 255, 10])],
        ['user.empty', Buffer.alloc(0)],
        ['user.long', long],
      ]),
    );
    expect(getXattr(path, 'user.none')).toBeUndefined();
  });
});

describe('mounts', () => {
  test('come and go', () => {
    mount({ type: 'tmpfs', source: 'tmpfs', target: directory, options: 'size=1m' });
    expect(isMountedHere(directory)).toBe(true);
    writeFileSync(join(directory, 'x'), 'x');
    expect(readFileSync(join(directory, 'x'), 'utf8')).toBe('x');
    unmount(directory);
    expect(isMountedHere(directory)).toBe(false);
    expect(codeOf(() => unmount(directory))).toBe('EINVAL');
  });

  test('that are in use are detached, not unmounted', () => {
    mount({ type: 'tmpfs', source: 'tmpfs', target: directory });
    const busy = openDirectory(AT_FDCWD, directory);
    expect(codeOf(() => unmount(directory))).toBe('EBUSY');
    detach(directory);
    expect(isMountedHere(directory)).toBe(false);
    closeFile(busy);
  });

  test('of unknown kinds are refused', () => {
    expect(codeOf(() => mount({ type: 'nothing', source: 'x', target: directory }))).toBe('ENODEV');
  });
});
