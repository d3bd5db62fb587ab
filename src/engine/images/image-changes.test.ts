import { expect, test } from 'bun:test';
import { ImageEngine, tar } from '../../../tests/support/image-engine.ts';
import { imageChanges, layerChanges } from './image-changes.ts';

const everything = { isWhole: true, limit: Number.MAX_SAFE_INTEGER };

test('the history comes first, each entry with its layer', async () => {
  await using engine = new ImageEngine();
  engine.registry.addImage('alice/app', 'latest', [tar('a'), tar('b')], {
    history: [
      { created_by: 'base' },
      { created_by: 'ENV A=1', empty_layer: true },
      { created_by: 'RUN b', comment: 'top' },
    ],
  });
  const image = await engine.pull('alice/app');
  const text = await new Response(layerChanges(engine.images, image, everything)).text();
  expect(JSON.parse(text)).toMatchObject({
    History: [
      { Id: image.id, CreatedBy: 'RUN b', Comment: 'top', Layer: 1 },
      { CreatedBy: 'ENV A=1', Layer: null },
      { CreatedBy: 'base', Layer: 0 },
    ],
  });
});

test('a history that tells of fewer layers than there are is filled up, of more is no harm', async () => {
  await using engine = new ImageEngine();
  engine.registry.addImage('alice/none', 'latest', [tar('a'), tar('b')], { history: [] });
  engine.registry.addImage('alice/more', 'latest', [tar('a')], {
    history: [{ created_by: 'one' }, { created_by: 'two' }],
  });
  const layersOf = async (name: string) => {
    const stream = layerChanges(engine.images, await engine.pull(name), everything);
    const { History } = JSON.parse(await new Response(stream).text()) as { History: { Layer: number }[] };
    return History.map(({ Layer }) => Layer);
  };
  expect(await layersOf('alice/none')).toEqual([1, 0]);
  expect(await layersOf('alice/more')).toEqual([null as unknown as number, 0]);
});

test('an image that is removed while it is read goes when the reader has', async () => {
  await using engine = new ImageEngine();
  engine.registry.addImage('alice/app', 'latest', [tar('a')], {});
  for (const end of ['read', 'cancel'] as const) {
    const image = await engine.pull('alice/app');
    const stream = imageChanges(engine.images, image, image);
    await engine.remove('alice/app');
    expect(engine.snapshots.layers.size).toBe(1);
    if (end === 'read') await new Response(stream).bytes();
    else await stream.cancel();
    expect(engine.snapshots.layers.size).toBe(0);
    expect(await engine.blobCount()).toBe(0);
  }
});
