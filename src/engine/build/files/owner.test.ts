import { expect, test } from 'bun:test';
import { FilesFixture } from './files-fixture.ts';
import { isNumericOwner, resolveOwner } from './owner.ts';

const accounts = {
  'etc/passwd': 'root:x:0:0::/:\nbin:x:2:3::/:\nfive:x:5:9::/:\n',
  'etc/group': 'wheel:x:10:\nnogroup:x:65534:\n',
};

test.each([
  ['55', 55, 55],
  ['5', 5, 5],
  ['10:11', 10, 11],
  ['bin', 2, 3],
  ['bin:wheel', 2, 10],
  ['1000:nogroup', 1000, 65534],
  ['bin:77', 2, 77],
  [':wheel', 0, 10],
])('%s', (chown, uid, gid) => {
  using fixture = new FilesFixture({ root: accounts });
  expect(resolveOwner(chown, fixture.root)).toEqual({ uid, gid });
});

test('a name that is not there is refused', () => {
  using fixture = new FilesFixture({ root: accounts });
  expect(() => resolveOwner('nobody', fixture.root)).toThrow('unable to find user nobody');
  expect(() => resolveOwner('bin:none', fixture.root)).toThrow('unable to find group none');
  expect(() => resolveOwner('bin', undefined)).toThrow('there is no root to look in');
  expect(() => resolveOwner('4294967295', undefined)).toThrow('must be in range');
  expect(() => resolveOwner(':', undefined)).toThrow('invalid chown');
});

test('numbers need no root', () => {
  expect(resolveOwner('7:8', undefined)).toEqual({ uid: 7, gid: 8 });
  expect(['7', '7:8', 'bin', '7:bin'].map(isNumericOwner)).toEqual([true, true, false, false]);
});

test('a passwd that is a link out of the root names nobody', () => {
  using fixture = new FilesFixture({ root: { 'etc/passwd': '-> ../../../../../etc/hostname' } });
  expect(() => resolveOwner('root', fixture.root)).toThrow('unable to find user root');
});
