import { expect, test } from 'bun:test';
import { parseAutomatic, parseConffiles, parseDpkgStatus, parseFileList, parseMd5sums } from './dpkg.ts';

const status = `Package: libc6
Status: install ok installed
Architecture: amd64
Multi-Arch: same
Source: glibc (2.36-9)
Version: 2.36-9+b1
Maintainer: GNU Libc <glibc@example.org>
Homepage: https://example.org/glibc
Description: GNU C Library: Shared libraries
 Contains the standard libraries.
Conffiles:
 /etc/ld.so.conf.d/x86_64-linux-gnu.conf d4e7a7b88a71b5ffd9e2644e71a0cfab
 /etc/old 0123456789abcdef0123456789abcdef obsolete

Package: vim
Status: deinstall ok config-files
Version: 9.0

Package: torn
Status: install ok inst`;

test('what is installed is read, with its source; what was removed or is half there is not', () => {
  expect(parseDpkgStatus(status)).toEqual([
    {
      kind: 'deb',
      name: 'libc6',
      version: '2.36-9+b1',
      architecture: 'amd64',
      source: { name: 'glibc', version: '2.36-9' },
      maintainer: 'GNU Libc <glibc@example.org>',
      homepage: 'https://example.org/glibc',
      description: 'GNU C Library: Shared libraries',
    },
  ]);
});

test('a file of status.d has no status', () => {
  expect(parseDpkgStatus('Package: tzdata\nVersion: 2024a-0\n')).toEqual([
    { kind: 'deb', name: 'tzdata', version: '2024a-0', source: { name: 'tzdata', version: '2024a-0' } },
  ]);
});

test('what is no database has no packages', () => {
  expect(parseDpkgStatus('')).toEqual([]);
  expect(parseDpkgStatus('\0\n: x\n\n no field\n')).toEqual([]);
});

test('apt says which packages came by themselves', () => {
  const states =
    'Package: liba\nArchitecture: amd64\nAuto-Installed: 1\n\nPackage: b\nArchitecture: all\nAuto-Installed: 0\n';
  expect(parseAutomatic(states)).toEqual(new Set(['liba:amd64']));
});

test('a package has files, and files have sums', () => {
  expect(parseFileList('/.\n/usr\n/usr/bin/a b\n')).toEqual(['usr', 'usr/bin/a b']);
  expect(parseMd5sums('d41d8cd98f00b204e9800998ecf8427e  usr/bin/a b\nnonsense\n')).toEqual(
    new Map([['usr/bin/a b', 'd41d8cd98f00b204e9800998ecf8427e']]),
  );
  expect(parseConffiles(status)).toEqual(
    new Map([['etc/ld.so.conf.d/x86_64-linux-gnu.conf', 'd4e7a7b88a71b5ffd9e2644e71a0cfab']]),
  );
});
