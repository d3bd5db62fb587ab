import { expect, test } from 'bun:test';
import { parseApkInstalled, parseWorld } from './apk.ts';

const installed = `C:Q1abc=
P:musl
V:1.2.5-r0
A:x86_64
T:the musl c library
U:https://musl.libc.org/
L:MIT
o:musl
m:Somebody <somebody@example.org>
F:lib
R:ld-musl-x86_64.so.1
a:0:0:755
Z:Q1sum=
R:libc.musl-x86_64.so.1
F:
R:.top

P:torn
`;

test('packages of apk are read with their files', () => {
  expect(parseApkInstalled(installed)).toEqual([
    {
      kind: 'apk',
      name: 'musl',
      version: '1.2.5-r0',
      architecture: 'x86_64',
      description: 'the musl c library',
      homepage: 'https://musl.libc.org/',
      licence: 'MIT',
      maintainer: 'Somebody <somebody@example.org>',
      source: { name: 'musl', version: '1.2.5-r0' },
      files: [
        { path: 'lib/ld-musl-x86_64.so.1', checksum: 'Q1sum=' },
        { path: 'lib/libc.musl-x86_64.so.1' },
        { path: '.top' },
      ],
    },
  ]);
});

test('world is what was asked for', () => {
  expect(parseWorld('alpine-base\nnginx=1.26.2-r0\n!mawk\n')).toEqual([
    'alpine-base',
    'nginx=1.26.2-r0',
    '!mawk',
  ]);
  expect(parseWorld('')).toEqual([]);
});
