import { describe, expect, test } from 'bun:test';
import { InvalidError } from '../../../lib/errors.ts';
import { mountsForVersion, volumeDriverWarnings } from './mounts-for-version.ts';

const bind = { Type: 'bind' as const, Source: '/a', Target: '/b' };

describe('mounts of older clients', () => {
  test('lack what came later', () => {
    const BindOptions = { NonRecursive: true, CreateMountpoint: true };
    const asked = { Mounts: [{ ...bind, BindOptions, VolumeOptions: {} }] };
    expect(mountsForVersion(asked, 39).Mounts).toEqual([{ ...bind, BindOptions: {} }]);
    expect(mountsForVersion(asked, 41).Mounts).toEqual([{ ...bind, BindOptions: { NonRecursive: true } }]);
  });

  test.each([
    [42, { ...bind, VolumeOptions: {} }, 'VolumeOptions must not be specified on mount type "bind"'],
    [
      43,
      { ...bind, BindOptions: { ReadOnlyForceRecursive: true } },
      'BindOptions.ReadOnlyForceRecursive needs API v1.44 or newer',
    ],
    [
      44,
      { Type: 'volume' as const, VolumeOptions: { Subpath: 'x' } },
      'VolumeOptions.Subpath needs API v1.45 or newer',
    ],
    [47, { Type: 'image' as const }, 'Mount type "Image" needs API v1.48 or newer'],
  ])('at 1.%i refuse %j', (version, mount, message) => {
    expect(() => mountsForVersion({ Mounts: [mount] }, version)).toThrow(new InvalidError(message));
  });

  test('a warning tells of a volume driver that does not hold for --mount', () => {
    const hostConfig = { VolumeDriver: 'local', Mounts: [{ Type: 'volume' as const, Target: '/b' }] };
    expect(volumeDriverWarnings(hostConfig, 47)).toEqual([]);
    expect(volumeDriverWarnings(hostConfig, 48)).toHaveLength(1);
  });
});
