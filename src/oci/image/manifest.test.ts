import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { digestOf } from './digest.ts';
import { chainIds, parseImageConfig } from './image-config.ts';
import { parseManifest } from './manifest.ts';
import { mediaTypes } from './media-type.ts';

const descriptor = { mediaType: mediaTypes.ociLayerGzip, digest: digestOf('x'), size: 1 };
const bytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));

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
  ];
  for (const [why, body] of wrong) {
    test(`with ${why} is refused as corrupt`, () => {
      expect(() => parseManifest(bytes(body), mediaTypes.ociManifest)).toThrow(
        expect.objectContaining({ name: 'CorruptError' }),
      );
    });
  }

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
