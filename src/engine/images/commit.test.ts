import { expect, test } from 'bun:test';
import { ImageEngine, tar } from '../../../tests/support/image-engine.ts';
import { digestOf } from '../../oci/image/digest.ts';
import { parseReference } from '../../oci/image/reference.ts';
import { type CommitRequest, commitContainer } from './commit.ts';
import { findImage } from './find-image.ts';
import type { Image } from './image-store.ts';
import { tagImage } from './tag.ts';

const id = 'c0ffee'.padEnd(64, '0');

async function engineWithContainer(
  diff?: Uint8Array,
): Promise<{ engine: ImageEngine; base: Image; frozen: string[] }> {
  const engine = new ImageEngine();
  engine.registry.addImage('alice/app', 'latest', [tar('base')], {
    config: { Cmd: ['sh'], Env: ['PATH=/bin'], Labels: { a: '1' } },
    history: [{ created_by: 'ADD base' }],
  });
  const base = await engine.pull('alice/app');
  engine.addContainer(id, 'happy_cat', base, 'running');
  if (diff) engine.snapshots.diffs.set(id, diff);
  return { engine, base, frozen: [] };
}

function commit(engine: ImageEngine, frozen: string[], request: Partial<CommitRequest> = {}): Promise<Image> {
  const dependencies = {
    images: engine.images,
    emit: engine.emit,
    async whileStill<T>(_container: unknown, read: () => Promise<T>): Promise<T> {
      frozen.push('freeze');
      try {
        return await read();
      } finally {
        frozen.push('thaw');
      }
    },
  };
  const container = engine.records[0];
  if (!container) throw new TypeError('no container');
  return commitContainer(dependencies, {
    container,
    author: '',
    comment: '',
    pause: true,
    changes: [],
    ...request,
  });
}

test('the changes of a container become a layer over its image, the processes still meanwhile', async () => {
  const { engine, base, frozen } = await engineWithContainer(tar('changes', 5000));
  await using _ = engine;
  const image = await commit(engine, frozen, {
    reference: parseReference('alice/app:2'),
    author: 'me',
    comment: 'msg',
    changes: ['ENV B=2', 'CMD ["ls"]'],
  });
  expect(frozen).toEqual(['freeze', 'thaw']);
  expect(image).toMatchObject({
    parent: base.id,
    size: base.size + 5000,
    references: [{ tag: '2' }],
    config: {
      author: 'me',
      container: id,
      config: { Cmd: ['ls'], Env: ['PATH=/bin', 'B=2'], Labels: { a: '1' } },
      history: [{ created_by: 'ADD base' }, { created_by: 'sh', author: 'me', comment: 'msg' }],
    },
  });
  expect(image.layers.map(({ diffId }) => diffId)).toEqual([
    ...base.layers.map(({ diffId }) => diffId),
    digestOf(tar('changes', 5000)),
  ]);
  expect(engine.images.resolve('alice/app:2').id).toBe(image.id);
});

test('the layer is unpacked when the image is first used', async () => {
  const { engine, frozen } = await engineWithContainer(tar('changes'));
  await using _ = engine;
  const image = await commit(engine, frozen);
  const chainId = image.chainId ?? image.id;
  expect(engine.snapshots.hasLayer(chainId)).toBe(false);
  await Promise.all([engine.layers.ensureUnpacked(image), engine.layers.ensureUnpacked(image)]);
  expect(engine.snapshots.hasLayer(chainId)).toBe(true);
  expect(engine.snapshots.unpacked).toBe(2);
});

test('nothing changed: the image has the layers of its parent', async () => {
  const { engine, base, frozen } = await engineWithContainer();
  await using _ = engine;
  const image = await commit(engine, frozen);
  expect(image.layers).toEqual(base.layers);
  expect(image.id).not.toBe(base.id);
  expect(image.config.history?.at(-1)).toMatchObject({ empty_layer: true });
});

test('a commit that fails makes the processes go on and leaves nothing', async () => {
  const { engine, frozen } = await engineWithContainer();
  await using _ = engine;
  const blobs = await engine.blobCount();
  engine.snapshots.diff = () => {
    throw new TypeError('disk on fire');
  };
  await expect(commit(engine, frozen)).rejects.toThrow('disk on fire');
  expect(frozen).toEqual(['freeze', 'thaw']);
  expect(await engine.blobCount()).toBe(blobs);
  expect(engine.images.list()).toHaveLength(1);
});

test('a wrong change is refused before anything is paused', async () => {
  const { engine, frozen } = await engineWithContainer();
  await using _ = engine;
  await expect(commit(engine, frozen, { changes: ['RUN ls'] })).rejects.toThrow(
    'run is not a valid change command',
  );
  expect(frozen).toEqual([]);
});

test("a container's id where an image is meant: told so, with the images committed from it", async () => {
  const { engine, frozen } = await engineWithContainer(tar('changes'));
  await using _ = engine;
  const tag = (): void => tagImage(engine, id.slice(0, 12), parseReference('alice/app:latest'));
  expect(tag).toThrow('It is a container (happy_cat), not an image. Make an image of it first: commit');
  await commit(engine, frozen, { reference: parseReference('alice/app:1.0') });
  expect(tag).toThrow('Images committed from it: alice/app:1.0.');
  expect(() => findImage(engine.images, engine.containers, 'nobody')).toThrow('No such image: nobody:latest');
});
