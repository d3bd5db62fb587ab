import { describe, expect, test } from 'bun:test';
import type { Mount } from '../../../engine-api/types.ts';
import { InvalidError } from '../../../lib/errors.ts';
import { parseMount } from './parse-mount.ts';

describe('--mount', () => {
  test('of a bind', () => {
    const mount: Mount = {
      Type: 'bind',
      Source: '/a/',
      Target: '/b//c',
      ReadOnly: true,
      BindOptions: { NonRecursive: true, ReadOnlyNonRecursive: true, CreateMountpoint: true },
    };
    expect(parseMount(mount)).toMatchObject({
      type: 'bind',
      source: '/a',
      target: '/b/c',
      readonly: true,
      propagation: 'rprivate',
      manner: { nonRecursive: true, readonlyReach: 'top', createSource: true },
    });
  });

  test('of a volume, with what it is made of', () => {
    const DriverConfig = { Name: 'local', Options: { type: 'tmpfs', device: 'tmpfs' } };
    const mount: Mount = {
      Type: 'volume',
      Source: 'data',
      Target: '/b',
      VolumeOptions: { NoCopy: true, Labels: { a: 'b' }, Subpath: 'x/../y', DriverConfig },
    };
    expect(parseMount(mount)).toMatchObject({
      source: 'data',
      driver: 'local',
      copy: false,
      labels: { a: 'b' },
      options: DriverConfig.Options,
      manner: { subpath: 'x/../y' },
    });
  });

  test('of a tmpfs, with size and mode', () => {
    const TmpfsOptions = { SizeBytes: 1024, Mode: 0o1770, Options: [['exec']] };
    expect(parseMount({ Type: 'tmpfs', Target: '/b', TmpfsOptions }).manner).toEqual({
      tmpfs: ['mode=1770', 'size=1024', 'exec'],
    });
  });

  test('of an image is read-only', () => {
    expect(parseMount({ Type: 'image', Source: 'busybox', Target: '/b' })).toMatchObject({
      readonly: true,
      propagation: 'rprivate',
    });
  });

  const local = { Target: '/b', Source: 'data' };
  test.each<[object, string]>([
    [{ Type: 'bind', Source: '/a' }, '"bind": field Target must not be empty'],
    [{ Type: 'bind', Target: '/b' }, '"bind": field Source must not be empty'],
    [
      { Type: 'bind', Source: 'a', Target: '/b' },
      `"bind": invalid mount path: 'a' mount path must be absolute`,
    ],
    [{ Type: 'bind', Source: '/a', Target: '/' }, `"bind": invalid specification: destination can't be '/'`],
    [
      { Type: 'bind', Source: '/a', Target: '/b', BindOptions: { Propagation: 'x' } },
      '"bind": invalid propagation mode: x',
    ],
    [
      { Type: 'bind', Source: '/a', Target: '/b', BindOptions: { ReadOnlyForceRecursive: true } },
      '"bind": mount options conflict: !ReadOnly && BindOptions.ReadOnlyForceRecursive',
    ],
    [
      { Type: 'bind', Source: '/a', Target: '/b', TmpfsOptions: {} },
      '"bind": field TmpfsOptions must not be specified',
    ],
    [
      { Type: 'volume', Target: '/b', VolumeOptions: { Subpath: 'x' } },
      '"volume": must not set Subpath when using anonymous volumes',
    ],
    [
      { Type: 'volume', ...local, VolumeOptions: { Subpath: '../x' } },
      '"volume": subpath must be a relative path within the volume',
    ],
    [
      { Type: 'image', ...local, ImageOptions: { Subpath: '/x' } },
      '"image": subpath must be a relative path within the volume',
    ],
    [{ Type: 'tmpfs', ...local }, '"tmpfs": field Source must not be specified'],
    [
      { Type: 'tmpfs', Target: '/b', TmpfsOptions: { Options: [['size', '1']] } },
      '"tmpfs": invalid option: size',
    ],
    [{ Type: 'image', Target: '/b' }, '"image": field Source must not be empty'],
    [{ Type: 'npipe', ...local }, '"npipe": mount type unknown'],
    [{ Type: 'cluster', ...local }, '"cluster": mount type unknown'],
  ])('refuses %j', (mount, message) => {
    expect(() => parseMount(mount as Mount)).toThrow(
      new InvalidError(`invalid mount config for type ${message}`),
    );
  });
});
