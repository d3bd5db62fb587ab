import { expect, test } from 'bun:test';
import { isMountPoint, mountOf, readMounts } from './mount-info.ts';

const text = `21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
22 21 0:5 / /proc rw - proc proc rw
30 21 0:40 / /mnt/a\\040b rw master:3 propagate_from:2 - tmpfs none rw
31 21 0:41 / /mnt/a\\040b rw shared:9 - tmpfs none rw
`;

test('mounts are read with their propagation, blanks in names included', () => {
  expect(readMounts(text)).toEqual([
    { mountPoint: '/', propagation: ['shared:1'] },
    { mountPoint: '/proc', propagation: [] },
    { mountPoint: '/mnt/a b', propagation: ['master:3', 'propagate_from:2'] },
    { mountPoint: '/mnt/a b', propagation: ['shared:9'] },
  ]);
});

test.each([
  ['/mnt/a b/c', '/mnt/a b', 'shared:9'],
  ['/mnt/a bc', '/', 'shared:1'],
  ['/', '/', 'shared:1'],
])('%p lies on %p', (path, mountPoint, first) => {
  const mount = mountOf(path, readMounts(text));
  expect(mount?.mountPoint).toBe(mountPoint);
  expect(mount?.propagation[0]).toBe(first);
});

test('a mount point of this machine is one', () => {
  expect(isMountPoint('/proc')).toBe(true);
  expect(isMountPoint('/proc/self')).toBe(false);
});
