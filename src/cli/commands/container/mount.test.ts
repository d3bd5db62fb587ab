import { describe, expect, test } from 'bun:test';
import type { Mount } from '../../../engine-api/types.ts';
import { InvalidError } from '../../../lib/errors.ts';
import { parseMount } from './mount.ts';
import { sortVolumes } from './volume.ts';

const bind = { Type: 'bind' as const, Source: '/a', Target: '/b' };

describe('--mount', () => {
  test.each<[string, Mount]>([
    ['type=BIND,SRC=/a,Destination=/b', bind],
    ['type=bind,src=./x,dst=/b,ro', { ...bind, Source: `${process.cwd()}/x`, ReadOnly: true }],
    ['type=bind,"src=/a,x",dst=/b', { ...bind, Source: '/a,x' }],
    ['type=bind,src=/a,dst=/b,bind-recursive=enabled', bind],
    ['type=bind,src=/a,dst=/b,bind-recursive=disabled', { ...bind, BindOptions: { NonRecursive: true } }],
    [
      'type=bind,src=/a,dst=/b,bind-recursive=writable,readonly',
      { ...bind, ReadOnly: true, BindOptions: { ReadOnlyNonRecursive: true } },
    ],
    [
      'src=data,dst=/b,volume-nocopy,volume-label=x=y,volume-label=z,volume-driver=local,volume-opt=o=size=1m',
      {
        Type: 'volume',
        Source: 'data',
        Target: '/b',
        VolumeOptions: {
          NoCopy: true,
          Labels: { x: 'y', z: '' },
          DriverConfig: { Name: 'local', Options: { o: 'size=1m' } },
        },
      },
    ],
    [
      'type=tmpfs,dst=/b,tmpfs-size=1m,tmpfs-mode=1770',
      { Type: 'tmpfs', Target: '/b', TmpfsOptions: { SizeBytes: 1048576, Mode: 0o1770 } },
    ],
    [
      'type=image,src=busybox,dst=/b,image-subpath=bin',
      { Type: 'image', Source: 'busybox', Target: '/b', ImageOptions: { Subpath: 'bin' } },
    ],
  ])('%p', (text, mount) => {
    expect(parseMount(text)).toEqual(mount);
  });

  test.each([
    ['', 'EOF'],
    ['foo', "invalid field 'foo' must be a key=value pair"],
    ['foo=bar,dst=/b', "unexpected key 'foo' in 'foo=bar'"],
    ['type=bind, src=/a,dst=/b', "unexpected key ' src' in ' src=/a'"],
    ['type=bind,src="/a,dst=/b', 'parse error on line 1, column 15: bare " in non-quoted-field'],
    ['type=bind,src=/a', 'target is required'],
    ['type=,dst=/b', 'type is required'],
    ['dst=/b,ro=maybe', 'invalid value for ro: maybe'],
    ['type=tmpfs,dst=/b,tmpfs-size=x', 'invalid value for tmpfs-size: x'],
    ['type=tmpfs,dst=/b,tmpfs-mode=9', 'invalid value for tmpfs-mode: 9'],
    ['type=bind,dst=/b,volume-nocopy', "cannot mix 'volume-*' options with mount type 'bind'"],
    ['type=tmpfs,dst=/b,bind-propagation=x', "cannot mix 'bind-*' options with mount type 'tmpfs'"],
    [
      'type=bind,dst=/b,bind-recursive=x',
      'invalid value for bind-recursive: x (must be "enabled", "disabled", "writable", or "readonly")',
    ],
    [
      'type=bind,dst=/b,bind-recursive=writable',
      "option 'bind-recursive=writable' requires 'readonly' to be specified in conjunction",
    ],
    [
      'type=bind,dst=/b,bind-recursive=readonly,readonly',
      "option 'bind-recursive=readonly' requires 'bind-propagation=rprivate' to be specified in conjunction",
    ],
  ])('refuses %p as docker does', (text, message) => {
    expect(() => parseMount(text)).toThrow(new InvalidError(message));
  });
});

describe('-v', () => {
  test('is sorted into binds and volumes without a name', () => {
    expect(sortVolumes(['/a:/b:ro', './x:/c', 'data:/d', '/e'])).toEqual({
      binds: ['/a:/b:ro', `${process.cwd()}/x:/c`, 'data:/d'],
      anonymous: ['/e'],
    });
  });

  test.each([
    ['', 'invalid empty volume spec'],
    [':/b', 'invalid spec: :/b: empty section between colons'],
  ])('refuses %p', (text, message) => {
    expect(() => sortVolumes([text])).toThrow(new InvalidError(message));
  });
});
