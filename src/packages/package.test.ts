import { expect, test } from 'bun:test';
import { packageUrl } from './package.ts';

const debian = { id: 'debian', version: '12' };

test('a package of a distribution has its architecture and release in its URL', () => {
  const curl = { kind: 'deb', name: 'curl', version: '1:7.88.1-10+deb12u5', architecture: 'amd64' } as const;
  expect(packageUrl(curl, debian)).toBe(
    'pkg:deb/debian/curl@1:7.88.1-10%2Bdeb12u5?arch=amd64&distro=debian-12',
  );
  expect(packageUrl({ ...curl, kind: 'apk' })).toBe('pkg:apk/curl@1:7.88.1-10%2Bdeb12u5?arch=amd64');
});

test('a scope of npm and a path of Go are the namespace; names of PyPI are folded', () => {
  expect(packageUrl({ kind: 'npm', name: '@types/bun', version: '1.4.5' })).toBe(
    'pkg:npm/%40types/bun@1.4.5',
  );
  expect(packageUrl({ kind: 'pypi', name: 'Zope.Interface_x', version: '6' })).toBe(
    'pkg:pypi/zope-interface-x@6',
  );
  expect(packageUrl({ kind: 'golang', name: 'github.com/a/b', version: 'v1' })).toBe(
    'pkg:golang/github.com/a/b@v1',
  );
});

test('a name cannot write another part of the URL', () => {
  expect(packageUrl({ kind: 'deb', name: 'a?b#c', version: '1@2' })).toBe('pkg:deb/a%3Fb%23c@1%402');
});
