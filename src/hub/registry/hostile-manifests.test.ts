/** Manifests that attack whoever reads them: two meanings for one digest, far too much of something, addresses to fetch from. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { digestOf } from '../../oci/image/digest.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';
import { codesOf, HubFixture } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const repository = 'alice/app';

interface Image {
  readonly schemaVersion: number;
  readonly mediaType: string;
  readonly config: object;
  readonly layers: readonly object[];
}

async function withImage(
  work: (
    image: Image,
    put: (bytes: string, type?: string, reference?: string) => Promise<Response>,
    hub: HubFixture,
  ) => Promise<void>,
): Promise<void> {
  await using hub = await HubFixture.create('alice');
  const { bytes } = await hub.pushImage('alice', repository, 'latest');
  const token = await hub.fullToken('alice', repository);
  await work(
    JSON.parse(bytes) as Image,
    (body, type = mediaTypes.ociManifest, reference = 'x') =>
      hub.putManifest(token, repository, reference, body, type),
    hub,
  );
}

describe('a manifest with two meanings', () => {
  const bodies: Readonly<Record<string, (image: Image) => [body: string, type: string]>> = {
    'that is image and index at once': (image) => [
      JSON.stringify({ ...image, manifests: [] }),
      mediaTypes.ociManifest,
    ],
    'that is image and index at once, and says neither': ({ config, layers }) => [
      JSON.stringify({ schemaVersion: 2, config, layers, manifests: [] }),
      mediaTypes.ociIndex,
    ],
    'that says another type than it came with': (image) => [JSON.stringify(image), mediaTypes.ociIndex],
    'that names its layers twice': (image) => [
      JSON.stringify(image).replace('"layers":', '"layers":[],"layers":'),
      mediaTypes.ociManifest,
    ],
    'that is an index to who takes no notice of case': (image) => [
      JSON.stringify({ ...image, Manifests: [] }),
      mediaTypes.ociManifest,
    ],
    'of a type that nobody knows': (image) => [
      JSON.stringify({ ...image, mediaType: 'application/json' }),
      'application/json',
    ],
    'of schema 1': () => [
      JSON.stringify({ schemaVersion: 1, name: repository, tag: 'x', fsLayers: [], history: [] }),
      'application/vnd.docker.distribution.manifest.v1+prettyjws',
    ],
    'with a byte order mark': (image) => [`\ufeff${JSON.stringify(image)}`, mediaTypes.ociManifest],
    'with more after its end': (image) => [`${JSON.stringify(image)}{}`, mediaTypes.ociManifest],
  };
  test.each(Object.entries(bodies))('%s is refused', async (_name, body) => {
    await withImage(async (image, put, hub) => {
      const response = await put(...body(image));
      expect(response.status).toBe(400);
      expect(await codesOf(response)).toEqual(['MANIFEST_INVALID']);
      const token = await hub.fullToken('alice', repository);
      expect((await hub.send('GET', `/v2/${repository}/manifests/x`, { token })).status).toBe(404);
    });
  });

  test('cannot get one by being pushed again as something else', async () => {
    await withImage(async (_image, put, hub) => {
      const index = JSON.stringify({ schemaVersion: 2, manifests: [] });
      const reference = digestOf(index);
      expect((await put(index, mediaTypes.ociIndex, reference)).status).toBe(201);
      await put(index, mediaTypes.dockerList, reference);
      const token = await hub.fullToken('alice', repository);
      const got = await hub.send('GET', `/v2/${repository}/manifests/${reference}`, { token });
      expect(got.headers.get('Content-Type')).toBe(mediaTypes.ociIndex);
    });
  });
});

describe('a manifest with too much', () => {
  test('of layers is taken, within its size', async () => {
    await withImage(async (image, put) => {
      const layers = Array.from({ length: 20_000 }, () => image.layers[0]);
      expect((await put(JSON.stringify({ ...image, layers }))).status).toBe(201);
    });
  });

  test('of layers that are not there is refused', async () => {
    await withImage(async (image, put) => {
      const layers = Array.from({ length: 20_000 }, (_, number) => ({
        ...image.layers[0],
        digest: digestOf(String(number)),
      }));
      const response = await put(JSON.stringify({ ...image, layers }));
      expect(response.status).toBe(400);
      expect(await codesOf(response)).toEqual(['MANIFEST_BLOB_UNKNOWN']);
    });
  });

  test('of depth is taken or refused, and the hub goes on', async () => {
    await withImage(async (image, put) => {
      const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
      const body = JSON.stringify({ ...image, deep: 0 }).replace('"deep":0', `"deep":${deep}`);
      expect([201, 400]).toContain((await put(body)).status);
      expect((await put(JSON.stringify(image))).status).toBe(201);
    });
  });

  test('of a config is not read, only kept', async () => {
    await withImage(async (image, put, hub) => {
      const token = await hub.fullToken('alice', repository);
      const config = `{"os":"linux","architecture":"${'a'.repeat(40 * 1024 * 1024)}"}`;
      const digest = await hub.pushBlob(token, repository, config);
      const descriptor = { mediaType: mediaTypes.ociConfig, digest, size: config.length };
      expect((await put(JSON.stringify({ ...image, config: descriptor }))).status).toBe(201);
      const tag = await hub.send('GET', `/v2/repositories/${repository}/tags/x`);
      expect((await tag.text()).length).toBeLessThan(10_000);
    });
  });
});

test('the addresses in a manifest are kept, and nothing is fetched from them', async () => {
  let visits = 0;
  await using server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: () => {
      visits += 1;
      return new Response('layer');
    },
  });
  await withImage(async (image, put, hub) => {
    const layer = {
      mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
      digest: digestOf('layer'),
      size: 5,
      urls: [server.url.href, 'file:///etc/passwd'],
    };
    const body = JSON.stringify({ ...image, layers: [layer] });
    expect((await put(body)).status).toBe(201);
    const token = await hub.fullToken('alice', repository);
    expect(await (await hub.send('GET', `/v2/${repository}/manifests/x`, { token })).text()).toBe(body);
    const blob = await hub.send('GET', `/v2/${repository}/blobs/${layer.digest}`, { token });
    expect(blob.status).toBe(404);
    expect((await hub.send('GET', `/v2/repositories/${repository}/tags/x`)).status).toBe(200);
  });
  expect(visits).toBe(0);
});
