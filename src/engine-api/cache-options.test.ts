import { expect, test } from 'bun:test';
import { parseDigest } from '../oci/image/digest.ts';
import { parseCacheSources, parseCacheTargets } from './cache-options.ts';

test('a name alone is a registry’s', () => {
  expect(parseCacheSources(['user/app:cache', 'type=registry,ref=user/app:2', 'a,b'])).toEqual([
    { type: 'registry', ref: 'user/app:cache' },
    { type: 'registry', ref: 'user/app:2' },
    { type: 'registry', ref: 'a' },
    { type: 'registry', ref: 'b' },
  ]);
});

test('a target says how much of the build goes there', () => {
  expect(
    parseCacheTargets(['user/app', 'type=registry,ref=x,mode=max,ignore-error=true', 'type=inline']),
  ).toEqual([
    { type: 'registry', ref: 'user/app', mode: 'min', ignoresErrors: false },
    { type: 'registry', ref: 'x', mode: 'max', ignoresErrors: true },
    { type: 'inline', mode: 'min', ignoresErrors: false },
  ]);
});

test.each([
  ['type=gha', 'cache of type gha is not supported: use type=registry,ref=…'],
  ['type=floppy', 'unknown cache exporter: "floppy"'],
  ['type=registry', 'ref is required for a cache of type registry'],
  ['type=local', 'local cache exporter requires dest'],
  ['ref=x', 'type required form> "ref=x"'],
  ['type=registry,x', 'invalid value x'],
  ['type=registry,ref=x,mode=most', 'invalid cache export mode: most'],
  ['type=registry,ref=x,ignore-error=perhaps', 'failed to parse ignore-error'],
  ['type=registry,ref=x,image-manifest=false', 'image-manifest=false is not supported'],
  ['type=registry,ref=x,compression=estargz', 'compression=estargz is not supported'],
  ['type=registry,ref=x,compression=lzw', 'unsupported layer compression type lzw'],
  ['type=local,dest=x,compression=gzip,compression-level=10', 'out of range: gzip has 0 to 9'],
  ['type=local,dest=x,compression-level=fast', 'non-integer value "fast" specified for compression-level'],
])('%s is refused', (text, message) => {
  expect(() => parseCacheTargets([text])).toThrow(message);
});

test('a directory has a tag, and a target the form of its layers', () => {
  const digest = `sha256:${'ab'.repeat(32)}`;
  expect(parseCacheSources(['type=local,src=d', `type=local,src=d,digest=${digest}`])).toEqual([
    { type: 'local', src: 'd', tag: 'latest', digest: undefined },
    { type: 'local', src: 'd', tag: 'latest', digest: parseDigest(digest) },
  ]);
  const to = 'type=local,dest=d,tag=main,compression=zstd,compression-level=9,force-compression=true';
  expect(parseCacheTargets([to])).toEqual([
    {
      type: 'local',
      dest: 'd',
      tag: 'main',
      mode: 'min',
      ignoresErrors: false,
      compression: { type: 'zstd', level: 9, isForced: true },
    },
  ]);
});

test('one place twice is refused', () => {
  expect(() => parseCacheTargets(['x/y', 'type=registry,ref=x/y'])).toThrow(
    'duplicate cache exports [registry x/y]',
  );
});
