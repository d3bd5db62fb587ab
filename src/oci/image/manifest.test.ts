import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { digestOf } from './digest.ts';
import { chainIds, parseImageConfig } from './image-config.ts';
import { parseManifest } from './manifest.ts';
import { mediaTypes } from './media-type.ts';

const descriptor = { mediaType: mediaTypes.ociLayerGzip, digest: digestOf('x'), size: 1 };
const bytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));

const reserved = new Set([
  'schemaversion',
  'mediatype',
  'artifacttype',
  'config',
  'layers',
  'manifests',
  'subject',
  'annotations',
]);

describe('a manifest', () => {
  test('is read with its unknown fields', () => {
    const manifest = parseManifest(
      bytes({ schemaVersion: 2, config: descriptor, layers: [], extra: 1 }),
      mediaTypes.ociManifest,
    );
    expect(manifest).toMatchObject({ kind: 'image', image: { extra: 1, config: { size: 1 } } });
  });

  test('that is image and index at once is refused', () => {
    const both = { schemaVersion: 2, config: descriptor, layers: [], manifests: [] };
    expect(() => parseManifest(bytes(both), mediaTypes.ociManifest)).toThrow('both layers and manifests');
  });

  test('that says another type than it came with is refused', () => {
    const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [] };
    expect(() => parseManifest(bytes(index), mediaTypes.dockerList)).toThrow('mediaType');
  });

  const wrong: [why: string, body: unknown][] = [
    ['no JSON', '{'],
    ['an array', []],
    ['null', 'null'],
    ['schema 1', { schemaVersion: 1, fsLayers: [] }],
    ['a negative size', { schemaVersion: 2, config: { ...descriptor, size: -1 }, layers: [] }],
    ['a fractional size', { schemaVersion: 2, config: { ...descriptor, size: 1.5 }, layers: [] }],
    [
      'a path for a digest',
      { schemaVersion: 2, config: { ...descriptor, digest: 'sha256:../x' }, layers: [] },
    ],
    ['no layers', { schemaVersion: 2, config: descriptor }],
    ['trailing bytes', '{} {}'],
    ['a byte order mark', '\ufeff{}'],
    ['layers twice', `{"schemaVersion":2,"config":${JSON.stringify(descriptor)},"layers":[],"layers":[]}`],
    ['an escaped name twice', '{"schemaVersion":2,"manifests":[],"\\u006danifests":[]}'],
    ['Manifests beside layers', { schemaVersion: 2, config: descriptor, layers: [], Manifests: [] }],
    ['another mediatype', { schemaVersion: 2, config: descriptor, layers: [], mediatype: 'a/b' }],
  ];
  for (const [why, body] of wrong) {
    test(`with ${why} is refused as corrupt`, () => {
      expect(() => parseManifest(bytes(body), mediaTypes.ociManifest)).toThrow(
        expect.objectContaining({ name: 'CorruptError' }),
      );
    });
  }

  test('may hold any name that is no field of it, further in also those', () => {
    const names = {
      'org.example': { layers: 1, Layers: [{ layers: '"layers":' }] },
      'layers ': 0,
      '\\"layers': 1,
    };
    const manifest = bytes({ schemaVersion: 2, config: descriptor, layers: [], ...names });
    expect(parseManifest(manifest, mediaTypes.ociManifest)).toMatchObject({ image: names });
  });

  test('that is made as the specification has it is read, whatever else is in it', () => {
    const name = fc.string().filter((text) => !reserved.has(text.toLowerCase()));
    fc.assert(
      fc.property(fc.dictionary(name, fc.jsonValue()), fc.nat({ max: 20 }), (others, count) => {
        const layers = Array.from({ length: count }, (_each, size) => ({ ...descriptor, size }));
        const fields = { ...others, schemaVersion: 2, config: descriptor, layers };
        const manifest = parseManifest(bytes(fields), mediaTypes.ociManifest);
        expect(manifest).toMatchObject({ kind: 'image', image: { layers } });
      }),
    );
  });

  test('of any JSON is either read or refused as corrupt', () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.constantFrom(mediaTypes.ociManifest, mediaTypes.ociIndex, 'text/plain', ''),
        (text, type) => {
          try {
            parseManifest(bytes(text), type);
          } catch (error) {
            expect(error).toHaveProperty('name', 'CorruptError');
          }
        },
      ),
    );
  });
});

describe('an image configuration', () => {
  test('takes null where Go writes it', () => {
    const config = parseImageConfig(
      bytes({
        config: { Env: null, Labels: null },
        rootfs: { type: 'layers', diff_ids: null },
        history: null,
      }),
    );
    expect(config.rootfs.diff_ids).toEqual([]);
  });

  test('without layers of a known kind is refused', () => {
    expect(() => parseImageConfig(bytes({ rootfs: { type: 'layers', diff_ids: ['sha256:x'] } }))).toThrow(
      'cannot read image configuration',
    );
  });

  test('chain IDs build on one another as the specification says', () => {
    const [a, b] = [digestOf('a'), digestOf('b')];
    expect(chainIds([a, b])).toEqual([a, digestOf(`${a} ${b}`)]);
    expect(chainIds([])).toEqual([]);
  });
});
