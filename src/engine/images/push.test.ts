import { expect, test } from 'bun:test';
import { wireError } from '../../../tests/support/fake-registry.ts';
import { ImageEngine, tar } from '../../../tests/support/image-engine.ts';
import { digestOf, shortHexOf } from '../../oci/image/digest.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';
import { parseReference, withTag } from '../../oci/image/reference.ts';
import type { Image } from './image-store.ts';

/** An image whose one layer lies here uncompressed, as a commit leaves it. */
function commitImage(engine: ImageEngine, name: string, bytes: Uint8Array): Image {
  const { digest, size } = engine.contents.put(bytes);
  const config = { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [digest] } };
  return engine.images.put({
    configBytes: new TextEncoder().encode(JSON.stringify(config)),
    layers: [{ diffId: digest, size, blob: { digest, size, mediaType: mediaTypes.dockerLayer } }],
    references: [parseReference(name)],
  });
}

test('an image goes back to its registry byte for byte, and nothing is sent twice', async () => {
  await using engine = new ImageEngine();
  const { manifest, diffIds } = engine.registry.addImage('alice/app', 'latest', [tar('a'), tar('b')]);
  const image = await engine.pull('alice/app');
  engine.images.tag(image.id, parseReference('alice/app:again'));
  const [a, b] = diffIds.map(shortHexOf);
  const size = engine.registry.manifests.get('alice/app:latest')?.bytes.length;
  const told = await engine.push('alice/app:again');
  // The two are asked about at once: either may be answered first.
  expect(new Set(told.splice(3, 2))).toEqual(
    new Set([`${a}: Layer already exists`, `${b}: Layer already exists`]),
  );
  expect(told).toEqual([
    'The push refers to repository [docker.io/alice/app]',
    `${b}: Preparing`,
    `${a}: Preparing`,
    `again: digest: ${manifest} size: ${size}`,
    JSON.stringify({ Tag: 'again', Digest: manifest, Size: size }),
  ]);
  expect(engine.registry.count('PATCH')).toBe(0);
});

test('one image under two manifests goes back to each repository under its own', async () => {
  await using engine = new ImageEngine();
  const { manifest } = engine.registry.addImage('alice/app', 'latest', [tar('a')]);
  const { mediaType, bytes } = engine.registry.manifests.get('alice/app:latest') ?? {
    mediaType: '',
    bytes: tar(''),
  };
  engine.registry.addImage('bob/app', 'none', [tar('a')]);
  const annotated = {
    ...(JSON.parse(new TextDecoder().decode(bytes)) as object),
    annotations: { by: 'bob' },
  };
  const other = engine.registry.addManifest('bob/app', 'latest', mediaType, annotated);
  const first = await engine.pull('alice/app');
  expect((await engine.pull('bob/app')).id).toBe(first.id);
  expect((await engine.push('alice/app:latest')).at(-2)).toContain(manifest);
  expect((await engine.push('bob/app:latest')).at(-2)).toContain(other);
});

test('a layer known to be in another repository is mounted from there', async () => {
  await using engine = new ImageEngine();
  const { manifest } = engine.registry.addImage('alice/app', 'latest', [tar('a')]);
  const image = await engine.pull('alice/app');
  engine.images.tag(image.id, parseReference('bob/copy:1'));
  const lines = await engine.push('bob/copy:1');
  expect(lines.filter((line) => line.includes('Mounted'))[0]).toEndWith(': Mounted from alice/app');
  expect(engine.registry.manifests.has(`bob/copy:${manifest}`)).toBe(true);
});

test('where mounting is refused the layer is sent', async () => {
  await using engine = new ImageEngine();
  engine.registry.addImage('alice/app', 'latest', [tar('a')]);
  const image = await engine.pull('alice/app');
  engine.images.tag(image.id, parseReference('bob/copy:1'));
  engine.registry.intercept = (request) =>
    request.url.includes('mount=') ? wireError(401, 'UNAUTHORIZED', 'no') : undefined;
  expect((await engine.push('bob/copy:1')).filter((line) => line.endsWith(': Pushed'))).toHaveLength(1);
});

test('a committed layer is compressed while it is sent, once', async () => {
  await using engine = new ImageEngine();
  const layer = tar('committed', 300_000);
  commitImage(engine, 'alice/app:1', layer);
  const first = await engine.push('alice/app:1');
  const second = await engine.push('alice/app:1');
  expect(first.filter((line) => line.endsWith(': Pushed'))).toHaveLength(1);
  expect(second.filter((line) => line.endsWith(': Layer already exists'))).toHaveLength(1);
  expect(second.at(-1)).toBe(first.at(-1) ?? '');
  const manifest = engine.registry.manifests.get('alice/app:1');
  expect(manifest?.mediaType).toBe(mediaTypes.dockerManifest);
  const { layers } = JSON.parse(new TextDecoder().decode(manifest?.bytes)) as {
    layers: { digest: string }[];
  };
  const sent = engine.registry.blob('alice/app', layers[0]?.digest as ReturnType<typeof digestOf>);
  expect(digestOf(Bun.gunzipSync(Uint8Array.from(sent ?? [])))).toBe(digestOf(layer));
});

test('an image that was pushed can be pulled by another engine', async () => {
  await using engine = new ImageEngine();
  const image = commitImage(engine, 'alice/app:1', tar('x', 100_000));
  await engine.push('alice/app:1');
  await engine.remove('alice/app:1');
  expect((await engine.pull('alice/app:1')).id).toBe(image.id);
});

test('a push cut off in the middle leaves no tag, and succeeds when repeated', async () => {
  await using engine = new ImageEngine();
  commitImage(engine, 'alice/app:1', tar('x', 100_000));
  engine.registry.intercept = (_request, line) =>
    line.startsWith('PUT') && line.includes('/blobs/')
      ? wireError(400, 'BLOB_UPLOAD_INVALID', 'cut')
      : undefined;
  await expect(engine.push('alice/app:1')).rejects.toMatchObject({ name: 'InvalidError' });
  expect(engine.registry.manifests.size).toBe(0);
  engine.registry.intercept = () => undefined;
  await engine.push('alice/app:1');
  expect(engine.registry.manifests.has('alice/app:1')).toBe(true);
});

test('a push that fails at any step leaves no ingest behind', async () => {
  await using engine = new ImageEngine();
  commitImage(engine, 'alice/app:1', crypto.getRandomValues(new Uint8Array(60_000)));
  const ingests: string[] = [];
  const open = engine.contents.ingest.bind(engine.contents);
  engine.contents.ingest = (id) => {
    ingests.push(id);
    return open(id);
  };
  for (const step of ['POST', 'PATCH', 'PUT']) {
    engine.registry.intercept = (_request, line) =>
      line.startsWith(step) ? wireError(400, 'BLOB_UPLOAD_INVALID', 'no') : undefined;
    await expect(engine.push('alice/app:1')).rejects.toThrow('no');
  }
  expect(ingests.length).toBeGreaterThan(0);
  for (const id of ingests) expect(await engine.contents.ingestSize(id)).toBeUndefined();
});

test('all tags of a repository are pushed where none is named', async () => {
  await using engine = new ImageEngine();
  const image = commitImage(engine, 'alice/app:1', tar('x'));
  engine.images.tag(image.id, withTag(parseReference('alice/app'), '2'));
  const lines = await engine.push('alice/app');
  expect(lines.filter((line) => /^\d: digest: /.test(line))).toHaveLength(2);
  expect(engine.events).toEqual(['push alice/app:1', 'push alice/app:2']);
});

test('a refusal is told in docker words', async () => {
  await using engine = new ImageEngine();
  commitImage(engine, 'alice/app:1', tar('x'));
  await expect(engine.push('alice/app:2')).rejects.toThrow('tag does not exist: alice/app:2');
  await expect(engine.push('alice/other')).rejects.toThrow(
    'An image does not exist locally with the tag: alice/other',
  );
  engine.registry.intercept = (_request, line) =>
    line.startsWith('POST')
      ? wireError(403, 'DENIED', 'requested access to the resource is denied')
      : undefined;
  await expect(engine.push('alice/app:1')).rejects.toMatchObject({
    name: 'DeniedError',
    message: 'denied: requested access to the resource is denied',
  });
});
