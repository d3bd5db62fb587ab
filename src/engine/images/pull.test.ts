import { expect, test } from 'bun:test';
import { ImageEngine, tar } from '../../../tests/support/image-engine.ts';
import { wireError } from '../../../tests/support/fake-registry.ts';
import { digestOf, shortHexOf } from '../../oci/image/digest.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';
import { hostPlatform } from '../../oci/image/platform.ts';
import { collectLeftovers } from './collect.ts';

test('a pull tells what docker tells, and a second one that there is nothing to do', async () => {
  await using engine = new ImageEngine();
  const { manifest, layers } = engine.registry.addImage('library/app', 'latest', [tar('a')]);
  const id = layers.map(shortHexOf)[0];
  const first: string[] = [];
  await engine.pull('app', first);
  expect(first).toEqual([
    'latest: Pulling from library/app',
    `${id}: Pulling fs layer`,
    `${id}: Downloading`,
    `${id}: Verifying Checksum`,
    `${id}: Download complete`,
    `${id}: Extracting`,
    `${id}: Pull complete`,
    `Digest: ${manifest}`,
    'Status: Downloaded newer image for app:latest',
  ]);
  const second: string[] = [];
  await engine.pull('app', second);
  expect(second).toEqual([
    'latest: Pulling from library/app',
    `Digest: ${manifest}`,
    'Status: Image is up to date for app:latest',
  ]);
  expect(engine.snapshots.unpacked).toBe(1);
  expect(engine.events).toEqual(['pull app:latest', 'pull app:latest']);
});

test('a layer that another image has is told as there already', async () => {
  await using engine = new ImageEngine();
  engine.registry.addImage('alice/app', '1', [tar('base')]);
  const { layers } = engine.registry.addImage('alice/app', '2', [tar('base'), tar('top')]);
  await engine.pull('alice/app:1');
  const lines: string[] = [];
  await engine.pull('alice/app:2', lines);
  expect(lines[1]).toBe(`${layers.map(shortHexOf)[0]}: Already exists`);
  expect(engine.snapshots.unpacked).toBe(2);
});

test('the image is known by its tag, by its digest and by the size of what was unpacked', async () => {
  await using engine = new ImageEngine();
  const { manifest, config } = engine.registry.addImage('alice/app', '1', [tar('a'), tar('b')]);
  await engine.pull('alice/app:1');
  const image = engine.images.resolve(`alice/app@${manifest}`);
  expect(image).toMatchObject({ id: config, size: 4096, references: [{ tag: '1' }] });
  expect(engine.images.resolve('alice/app:1').id).toBe(config);
});

test('a pull by digest gives no tag', async () => {
  await using engine = new ImageEngine();
  const { manifest } = engine.registry.addImage('alice/app', '1', [tar('a')]);
  const lines: string[] = [];
  const image = await engine.pull(`alice/app@${manifest}`, lines);
  expect(image.references).toEqual([]);
  expect(lines.at(-1)).toBe(`Status: Downloaded newer image for alice/app@${manifest}`);
});

test('two pulls at once fetch each blob once, and both see it through', async () => {
  await using engine = new ImageEngine();
  const { layers } = engine.registry.addImage('alice/app', 'latest', [tar('a'), tar('b'), tar('a')]);
  engine.registry.intercept = async (_request, line) => {
    if (line.includes('/blobs/')) await Bun.sleep(20);
    return undefined;
  };
  const lines: string[][] = [[], []];
  await Promise.all(lines.map((list) => engine.pull('alice/app', list)));
  for (const layer of layers) expect(engine.registry.count(`GET /v2/alice/app/blobs/${layer}`)).toBe(1);
  expect(engine.registry.count('GET /v2/alice/app/blobs/')).toBe(new Set(layers).size + 1);
  for (const list of lines) expect(list.at(-1)).toStartWith('Status: ');
  expect(engine.snapshots.layers.size).toBe(3);
});

test('a pull that is cancelled leaves the other one that shares its layers alone', async () => {
  await using engine = new ImageEngine();
  const { layers } = engine.registry.addImage('alice/app', 'latest', [tar('a'), tar('b')]);
  engine.registry.intercept = async (_request, line) => {
    if (line.includes(`/blobs/${layers[0]}`)) await Bun.sleep(60);
    return undefined;
  };
  const controller = new AbortController();
  const cancelled = engine.pull('alice/app', [], controller.signal);
  const kept = engine.pull('alice/app');
  setTimeout(() => controller.abort(), 30);
  await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' });
  expect((await kept).layers).toHaveLength(2);
});

test('a pull cancelled by all leaves no image and no layer half unpacked', async () => {
  await using engine = new ImageEngine();
  engine.registry.addImage('alice/app', 'latest', [tar('a')]);
  const controller = new AbortController();
  engine.registry.intercept = (_request, line) => {
    if (line.includes('/manifests/') || engine.registry.count('GET /v2/alice/app/blobs/') === 1)
      return undefined;
    setTimeout(() => controller.abort(), 10);
    return new Response(new ReadableStream({ pull: () => Bun.sleep(5000) }));
  };
  await expect(engine.pull('alice/app', [], controller.signal)).rejects.toMatchObject({ name: 'AbortError' });
  await Bun.sleep(10);
  expect(engine.images.list()).toEqual([]);
  expect(engine.snapshots.pending).toBe(0);
});

test('bytes that are not what the manifest says are refused, and nothing of the image stays', async () => {
  await using engine = new ImageEngine();
  const { layers } = engine.registry.addImage('alice/app', 'latest', [tar('good'), tar('bad')]);
  const bad = layers.at(-1);
  const size = bad && engine.registry.blob('alice/app', bad)?.length;
  engine.registry.intercept = (_request, line) =>
    line.includes(`/blobs/${bad}`) ? new Response(new Uint8Array(size ?? 0)) : undefined;
  await expect(engine.pull('alice/app')).rejects.toMatchObject({ name: 'CorruptError' });
  expect(engine.images.list()).toEqual([]);
  expect([...engine.snapshots.layers]).toEqual([]);
  expect(engine.snapshots.pending).toBe(0);
  expect(await engine.blobCount()).toBe(0);
});

test('a layer that is no gzip is refused, and its blob does not stay', async () => {
  await using engine = new ImageEngine();
  const { config } = engine.registry.addImage('alice/app', 'none', [tar('a')]);
  const broken = Bun.gzipSync(Uint8Array.from(tar('a'))).fill(0xaa, 12, 20);
  const layer = engine.registry.addBlob('alice/app', broken);
  engine.registry.addManifest('alice/app', 'latest', mediaTypes.ociManifest, {
    schemaVersion: 2,
    config: { mediaType: mediaTypes.ociConfig, digest: config, size: 1 },
    layers: [{ mediaType: mediaTypes.ociLayerGzip, digest: layer, size: broken.length }],
  });
  await expect(engine.pull('alice/app')).rejects.toMatchObject({ name: 'CorruptError' });
  expect(await engine.blobCount()).toBe(0);
  expect(engine.snapshots.layers.size).toBe(0);
});

test.each([
  [
    'MANIFEST_UNKNOWN',
    404,
    'manifest unknown',
    'manifest for alice/app:2 not found: manifest unknown: manifest unknown',
  ],
  [
    'DENIED',
    403,
    'requested access to the resource is denied',
    "pull access denied for alice/app, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
  ],
  [
    'NAME_UNKNOWN',
    404,
    'not known',
    "pull access denied for alice/app, repository does not exist or may require 'docker login': name unknown: not known",
  ],
])('%s is told in docker words, before anything is reported', async (code, status, message, told) => {
  await using engine = new ImageEngine();
  engine.registry.intercept = () => wireError(status, code, message);
  const lines: string[] = [];
  await expect(engine.pull('alice/app:2', lines)).rejects.toMatchObject({
    name: 'NotFoundError',
    message: told,
  });
  expect(lines).toEqual([]);
});

test('of an index the manifest for this machine is taken, and known by the digest of the index', async () => {
  await using engine = new ImageEngine();
  const { manifest, config } = engine.registry.addImage('alice/app', 'one', [tar('a')]);
  const other = engine.registry.addImage('alice/app', 'two', [tar('b')]);
  const entry = (digest: string, platform: object): object => ({
    mediaType: mediaTypes.ociManifest,
    digest,
    size: 1,
    platform,
  });
  const index = engine.registry.addManifest('alice/app', 'latest', mediaTypes.ociIndex, {
    schemaVersion: 2,
    manifests: [
      entry(other.manifest, { os: 'linux', architecture: 'riscv64' }),
      entry(manifest, hostPlatform()),
    ],
  });
  const image = await engine.pull('alice/app');
  expect(image.id).toBe(config);
  expect(image.repoDigests).toMatchObject([{ digest: index }]);
});

test('a platform that an index does not have is told', async () => {
  await using engine = new ImageEngine();
  engine.registry.addManifest('alice/app', 'latest', mediaTypes.ociIndex, {
    schemaVersion: 2,
    manifests: [],
  });
  await expect(engine.pull('alice/app')).rejects.toThrow('no matching manifest for linux/');
});

test('what a crash left between layers and image is taken away at the next start', async () => {
  await using engine = new ImageEngine();
  const kept = engine.registry.addImage('alice/kept', 'latest', [tar('base')]);
  await engine.pull('alice/kept');
  engine.registry.addImage('alice/app', 'latest', [tar('base'), tar('top')]);
  // The crash: everything is there but the image's row.
  engine.images.put = () => {
    throw new Error('kill -9');
  };
  const collect = engine.snapshots.removeLayer.bind(engine.snapshots);
  engine.snapshots.removeLayer = async () => undefined;
  await expect(engine.pull('alice/app')).rejects.toThrow('kill -9');
  engine.snapshots.removeLayer = collect;
  expect(engine.snapshots.layers.size).toBe(2);
  await collectLeftovers(engine.images);
  expect(engine.snapshots.layers.size).toBe(1);
  expect(await engine.blobCount()).toBe(kept.layers.length);
});

/** A manifest for the configuration of one image, with the layer of another. */
function addForeign(engine: ImageEngine, repository: string, config: Uint8Array, layer: Uint8Array): void {
  engine.registry.addManifest(repository, 'latest', mediaTypes.ociManifest, {
    schemaVersion: 2,
    config: {
      mediaType: mediaTypes.ociConfig,
      digest: engine.registry.addBlob(repository, config),
      size: config.length,
    },
    layers: [
      {
        mediaType: mediaTypes.ociLayerGzip,
        digest: engine.registry.addBlob(repository, layer),
        size: layer.length,
      },
    ],
  });
}

test('a foreign blob does not pass for a layer that is here already', async () => {
  await using engine = new ImageEngine();
  engine.registry.addImage('alice/app', 'latest', [tar('good')]);
  const image = await engine.pull('alice/app');
  const foreign = new Uint8Array(Bun.gzipSync(Uint8Array.from(tar('foreign'))));
  addForeign(engine, 'mallory/app', image.configBytes, foreign);
  await engine.pull('mallory/app').catch(() => undefined);
  const diffId = image.layers[0]?.diffId ?? image.id;
  expect(engine.images.blobs.of(diffId).map(({ digest }) => digest)).not.toContain(digestOf(foreign));
  expect(await engine.contents.stat(digestOf(foreign))).toBeUndefined();
  await engine.push('alice/app');
  expect(engine.registry.blob('alice/app', digestOf(foreign))).toBeUndefined();
});

test('nor when its bytes are here as the layer of another image, which keeps them', async () => {
  await using engine = new ImageEngine();
  engine.registry.addImage('alice/app', 'latest', [tar('good')]);
  const { layers } = engine.registry.addImage('bob/app', 'latest', [tar('foreign')]);
  const image = await engine.pull('alice/app');
  await engine.pull('bob/app');
  const foreign = engine.registry.blob('bob/app', layers[0] ?? image.id) ?? new Uint8Array();
  addForeign(engine, 'mallory/app', image.configBytes, foreign);
  await expect(engine.pull('mallory/app')).rejects.toThrow('diff ID');
  const wrong = new TextEncoder().encode(
    JSON.stringify({ os: 'linux', rootfs: { type: 'layers', diff_ids: [digestOf('nothing')] } }),
  );
  addForeign(engine, 'mallory/other', wrong, foreign);
  await expect(engine.pull('mallory/other')).rejects.toThrow('diff ID');
  expect(await engine.contents.stat(digestOf(foreign))).toBeDefined();
});
