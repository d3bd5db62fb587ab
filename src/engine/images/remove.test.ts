import { expect, test } from 'bun:test';
import { ImageEngine, tar } from '../../../tests/support/image-engine.ts';
import { shortHexOf } from '../../oci/image/digest.ts';
import { parseReference } from '../../oci/image/reference.ts';
import type { Image } from './image-store.ts';
import { pruneImages } from './prune.ts';
import { removeHiddenImages } from './remove.ts';

const container = 'c0ffee'.padEnd(64, '0');

async function pulled(engine: ImageEngine, name: string, ...layers: string[]): Promise<Image> {
  const path = parseReference(name).path;
  engine.registry.addImage(
    path,
    'latest',
    layers.map((layer) => tar(layer)),
    { author: name },
  );
  return engine.pull(name);
}

test('the last name takes the image and the layers that nobody shares', async () => {
  await using engine = new ImageEngine();
  const app = await pulled(engine, 'alice/app', 'shared', 'own');
  const other = await pulled(engine, 'alice/other', 'shared');
  expect(await engine.remove('alice/app')).toEqual([
    { Untagged: 'alice/app:latest' },
    { Untagged: `alice/app@${app.repoDigests[0]?.digest}` },
    { Deleted: app.id },
    { Deleted: app.chainId ?? '' },
  ]);
  expect([...engine.snapshots.layers.keys()]).toEqual([other.chainId ?? other.id]);
  expect(await engine.blobCount()).toBe(1);
  await engine.remove('alice/other');
  expect(await engine.blobCount()).toBe(0);
});

test('one of several names is only untagged', async () => {
  await using engine = new ImageEngine();
  const image = await pulled(engine, 'alice/app', 'x');
  engine.images.tag(image.id, parseReference('keep:1'));
  expect(await engine.remove('alice/app:latest')).toMatchObject([{ Untagged: 'alice/app:latest' }, {}]);
  expect(engine.images.resolve('keep:1').id).toBe(image.id);
});

test('by id: one name is enough, several must be forced', async () => {
  await using engine = new ImageEngine();
  const image = await pulled(engine, 'alice/app', 'x');
  const short = shortHexOf(image.id);
  engine.images.tag(image.id, parseReference('keep:1'));
  await expect(engine.remove(short)).rejects.toThrow(
    `conflict: unable to delete ${short} (must be forced) - image is referenced in multiple repositories`,
  );
  expect(await engine.remove(short, { force: true })).toContainEqual({ Deleted: image.id });
  expect(engine.images.list()).toEqual([]);
});

test('an image that a container uses is told apart: by name, by id, stopped and running', async () => {
  await using engine = new ImageEngine();
  const image = await pulled(engine, 'alice/app', 'x');
  const short = shortHexOf(image.id);
  engine.addContainer(container, 'cat', image, 'exited');
  await expect(engine.remove('alice/app')).rejects.toThrow(
    `conflict: unable to remove repository reference "alice/app" (must force) - container c0ffee000000 is using its referenced image ${short}`,
  );
  await expect(engine.remove(short)).rejects.toThrow(
    `conflict: unable to delete ${short} (must be forced) - image is being used by stopped container c0ffee000000`,
  );
  engine.records.length = 0;
  engine.addContainer(container, 'cat', image, 'running');
  await expect(engine.remove(short, { force: true })).rejects.toThrow(
    `conflict: unable to delete ${short} (cannot be forced) - image is being used by running container c0ffee000000`,
  );
});

test('forced away under a stopped container, an image keeps its layers until the container is gone', async () => {
  await using engine = new ImageEngine();
  const image = await pulled(engine, 'alice/app', 'x');
  engine.addContainer(container, 'cat', image, 'exited');
  expect(await engine.remove('alice/app', { force: true })).toContainEqual({ Deleted: image.id });
  expect(engine.images.list()).toEqual([]);
  expect(engine.snapshots.layers.size).toBe(1);
  await removeHiddenImages(engine);
  expect(engine.snapshots.layers.size).toBe(1);
  engine.records.length = 0;
  await removeHiddenImages(engine);
  expect(engine.snapshots.layers.size).toBe(0);
  expect(await engine.blobCount()).toBe(0);
});

test('an image that others were made of stays while they do, and goes with the last when it has no name', async () => {
  await using engine = new ImageEngine();
  const base = await pulled(engine, 'alice/app', 'x');
  const child = engine.images.put({
    configBytes: new TextEncoder().encode(JSON.stringify({ ...base.config, author: 'child' })),
    layers: base.layers,
    parent: base.id,
    references: [parseReference('child:1')],
  });
  await expect(engine.remove(base.id)).rejects.toThrow(
    '(cannot be forced) - image has dependent child images',
  );
  expect(await engine.remove('alice/app')).not.toContainEqual({ Deleted: base.id });
  const removed = await engine.remove('child:1');
  expect(removed).toContainEqual({ Deleted: child.id });
  expect(removed).toContainEqual({ Deleted: base.id });
  expect(engine.snapshots.layers.size).toBe(0);
});

test('prune takes images without a tag, with all=true those without a container', async () => {
  await using engine = new ImageEngine();
  const used = await pulled(engine, 'alice/used', 'u');
  engine.addContainer(container, 'cat', used, 'exited');
  const nameless = await pulled(engine, 'alice/nameless', 'n');
  engine.images.untag(parseReference('alice/nameless:latest'));
  await pulled(engine, 'alice/idle', 'i');
  const pruned = await pruneImages(engine, new Map());
  expect(pruned.ImagesDeleted).toContainEqual({ Deleted: nameless.id });
  expect(pruned.SpaceReclaimed).toBe(2048);
  await pruneImages(engine, new Map([['dangling', ['false']]]));
  expect(engine.images.list().map(({ id }) => id)).toEqual([used.id]);
});
