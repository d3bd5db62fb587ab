import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import { digestOf } from '../../oci/image/digest.ts';
import { parseReference } from '../../oci/image/reference.ts';
import { imageSchema, layerLevelSchema } from './image-schema.ts';
import { ImageStore } from './image-store.ts';
import type { ContentStore } from '../../oci/content/content-store.ts';
import type { SnapshotStore } from '../snapshots/snapshot-store.ts';

function openStore(): ImageStore {
  const database = new Database(':memory:', { strict: true });
  database.run('PRAGMA foreign_keys = ON');
  database.run(imageSchema + layerLevelSchema);
  // No case here reaches blobs or layers.
  return new ImageStore({ database, contents: {} as ContentStore, snapshots: {} as SnapshotStore });
}

function configBytes(diffIds: readonly string[], more: object = {}): Uint8Array {
  return new TextEncoder().encode(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: diffIds },
      ...more,
    }),
  );
}

const layer = digestOf('layer');

test('an image is found by every form of its name, by its id and by the beginning of its id', () => {
  const images = openStore();
  const bytes = configBytes([layer]);
  const image = images.put({
    configBytes: bytes,
    layers: [{ diffId: layer, size: 5 }],
    references: [parseReference('alice/app:1.0'), { ...parseReference('alice/app'), digest: digestOf('m') }],
  });
  for (const text of [
    'alice/app:1.0',
    'docker.io/alice/app:1.0',
    'index.docker.io/alice/app:1.0',
    `alice/app@${digestOf('m')}`,
    image.id,
    image.id.slice(7),
    image.id.slice(7, 19),
    image.id.slice(0, 14),
  ]) {
    expect(images.resolve(text).id).toBe(image.id);
  }
  expect(image).toMatchObject({ size: 5, chainId: layer, id: digestOf(bytes) });
});

test('an unknown image is told with its tag', () => {
  const images = openStore();
  expect(() => images.resolve('ubuntu')).toThrow('No such image: ubuntu:latest');
  expect(() => images.resolve('alice/app:2')).toThrow('No such image: alice/app:2');
  expect(() => images.resolve('Ubuntu')).toThrow('must be lowercase');
});

test('a name wins over the beginning of an id', () => {
  const images = openStore();
  const first = images.put({ configBytes: configBytes([]), layers: [] });
  const hex = first.id.slice(7, 13);
  const second = images.put({
    configBytes: configBytes([], { author: 'x' }),
    layers: [],
    references: [{ ...parseReference(hex), tag: 'latest' }],
  });
  expect(images.resolve(hex).id).toBe(second.id);
});

test('a tag moves from one image to the other', () => {
  const images = openStore();
  const name = parseReference('app:1');
  const first = images.put({ configBytes: configBytes([]), layers: [], references: [name] });
  images.put({ configBytes: configBytes([], { author: 'x' }), layers: [], references: [name] });
  expect(images.resolve(first.id).references).toEqual([]);
  expect(images.list()).toHaveLength(2);
});

test('images committed from a container are told by its id', () => {
  const images = openStore();
  const image = images.put({ configBytes: configBytes([], { container: 'c0ffee' }), layers: [] });
  expect(images.imagesOfContainer('c0ffee').map(({ id }) => id)).toEqual([image.id]);
  expect(images.imagesOfContainer('other')).toEqual([]);
});

test('an image hidden for its containers has no name and is not listed, but its configuration stays', () => {
  const images = openStore();
  const image = images.put({
    configBytes: configBytes([]),
    layers: [],
    references: [parseReference('app:1')],
  });
  images.remove(image.id, true);
  expect(images.list()).toEqual([]);
  expect(images.find(image.id)).toBeUndefined();
  expect(images.find('app:1')).toBeUndefined();
  expect(images.get(image.id)?.config.os).toBe('linux');
});
