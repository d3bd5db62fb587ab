import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { digestOf } from '../../oci/image/digest.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';
import { codesOf, HubFixture } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const repository = 'alice/app';
const manifests = `/v2/${repository}/manifests`;

function indexOf(...digests: readonly string[]): string {
  const entries = digests.map((digest) => ({ mediaType: mediaTypes.ociManifest, digest, size: 10 }));
  return JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: entries });
}

describe('a manifest', () => {
  test('comes back byte for byte, by tag and by digest, with its own type', async () => {
    await using hub = await HubFixture.create('alice');
    const image = await hub.pushImage('alice', repository, 'latest');
    const token = await hub.token(undefined, `repository:${repository}:pull`);
    for (const reference of ['latest', image.digest, image.digest.replace(':', '%3A')]) {
      const response = await hub.send('GET', `${manifests}/${reference}`, { token });
      expect(response.status).toBe(200);
      expect(response.headers.get('Content-Type')).toBe(mediaTypes.ociManifest);
      expect(response.headers.get('Docker-Content-Digest')).toBe(image.digest);
      expect(response.headers.get('Content-Length')).toBe(String(image.bytes.length));
      expect(await response.text()).toBe(image.bytes);
      const head = await hub.send('HEAD', `${manifests}/${reference}`, { token });
      expect(head.headers.get('Content-Length')).toBe(String(image.bytes.length));
    }
  });

  test('keeps white space, order and fields that nobody knows', async () => {
    await using hub = await HubFixture.create('alice');
    const { config } = await hub.pushImage('alice', repository, 'latest');
    const token = await hub.fullToken('alice', repository);
    const bytes = `{ "x-own": [1, 2.0],\n "layers": [], "config": {"size":3,"digest":"${config}","mediaType":"a/b","y":{}}, "schemaVersion":2}`;
    expect((await hub.putManifest(token, repository, 'odd', bytes)).status).toBe(201);
    expect(await (await hub.send('GET', `${manifests}/odd`, { token })).text()).toBe(bytes);
  });

  test('that is known already is answered 304', async () => {
    await using hub = await HubFixture.create('alice');
    const { digest } = await hub.pushImage('alice', repository, 'latest');
    const token = await hub.fullToken('alice', repository);
    const headers = { 'If-None-Match': `"${digest}"` };
    expect((await hub.send('GET', `${manifests}/latest`, { token, headers })).status).toBe(304);
  });

  test('that names a blob which is in another repository only is refused', async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    const image = await hub.pushImage('alice', 'alice/app', 'latest');
    const token = await hub.fullToken('bob', 'bob/app');
    const response = await hub.putManifest(token, 'bob/app', 'latest', image.bytes);
    expect(response.status).toBe(400);
    expect(await codesOf(response)).toEqual(['MANIFEST_BLOB_UNKNOWN']);
    expect((await hub.send('GET', '/v2/repositories/bob/app/')).status).toBe(404);
  });

  test('with both layers and manifests is refused', async () => {
    await using hub = await HubFixture.create('alice');
    const { bytes } = await hub.pushImage('alice', repository, 'latest');
    const both = JSON.stringify({ ...(JSON.parse(bytes) as object), manifests: [] });
    const response = await hub.putManifest(await hub.fullToken('alice', repository), repository, 'x', both);
    expect(response.status).toBe(400);
    expect(await codesOf(response)).toEqual(['MANIFEST_INVALID']);
  });

  test.each(['', 'x', '[]', 'null', '{}', '{"schemaVersion":1}', `{"a":${'['.repeat(50_000)}`])(
    'whose body is %p is refused',
    async (body) => {
      await using hub = await HubFixture.create('alice');
      const response = await hub.putManifest(await hub.fullToken('alice', repository), repository, 'x', body);
      expect(response.status).toBe(400);
      expect(await codesOf(response)).toEqual(['MANIFEST_INVALID']);
    },
  );

  test('of more than 4 MiB is refused with 413, announced or streamed', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.fullToken('alice', repository);
    const large = ' '.repeat(5 * 1024 * 1024);
    expect((await hub.putManifest(token, repository, 'x', large)).status).toBe(413);
    const streamed = await hub.send('PUT', `${manifests}/x`, { token, body: new Blob([large]).stream() });
    expect(streamed.status).toBe(413);
  });

  test('by a digest that is not its own is refused', async () => {
    await using hub = await HubFixture.create('alice');
    const { bytes } = await hub.pushImage('alice', repository, 'latest');
    const token = await hub.fullToken('alice', repository);
    const response = await hub.putManifest(token, repository, digestOf('other'), bytes);
    expect(response.status).toBe(400);
    expect(await codesOf(response)).toEqual(['DIGEST_INVALID']);
  });

  test('may be pushed by its sha512 digest, and with tags beside', async () => {
    await using hub = await HubFixture.create('alice');
    const { bytes } = await hub.pushImage('alice', repository, 'latest');
    const token = await hub.fullToken('alice', repository);
    const digest = digestOf(bytes, 'sha512');
    const response = await hub.putManifest(token, repository, `${digest}?tag=a&tag=b`, bytes);
    expect(response.status).toBe(201);
    expect(response.headers.get('OCI-Tag')).toBe('a, b');
    const got = await hub.send('GET', `${manifests}/a`, { token });
    expect(got.headers.get('Docker-Content-Digest')).toBe(digest);
  });

  test.each(['.hidden', '-x', 'a/b', 'ü', 'x'.repeat(129), 'sha256:baddigeststring'])(
    'under the name %p is refused',
    async (reference) => {
      await using hub = await HubFixture.create('alice');
      const token = await hub.fullToken('alice', repository);
      const response = await hub.putManifest(token, repository, encodeURIComponent(reference), '{}');
      expect(response.status).toBe(400);
    },
  );
});

describe('an index', () => {
  test('needs its manifests to be there, and may hold indexes or nothing', async () => {
    await using hub = await HubFixture.create('alice');
    const image = await hub.pushImage('alice', repository, 'one');
    const token = await hub.fullToken('alice', repository);
    const put = (tag: string, bytes: string): Promise<Response> =>
      hub.putManifest(token, repository, tag, bytes, mediaTypes.ociIndex);
    expect((await put('missing', indexOf(digestOf('nothing')))).status).toBe(400);
    const index = indexOf(image.digest);
    expect((await put('index', index)).status).toBe(201);
    expect((await put('nested', indexOf(digestOf(index)))).status).toBe(201);
    expect((await put('empty', indexOf())).status).toBe(201);
  });
});

describe('a subject', () => {
  test('lists what points at it, also before it exists, filtered by type', async () => {
    await using hub = await HubFixture.create('alice');
    const { config } = await hub.pushImage('alice', repository, 'latest');
    const token = await hub.fullToken('alice', repository);
    const subject = digestOf('not there yet');
    const artifact = JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      artifactType: 'application/x.signature',
      config: { mediaType: mediaTypes.ociEmpty, digest: config, size: 2 },
      layers: [],
      subject: { mediaType: mediaTypes.ociManifest, digest: subject, size: 3 },
      annotations: { who: 'alice' },
    });
    const pushed = await hub.putManifest(token, repository, digestOf(artifact), artifact);
    expect(pushed.headers.get('OCI-Subject')).toBe(subject);
    const listed = await hub.send('GET', `/v2/${repository}/referrers/${subject}`, { token });
    expect(listed.headers.get('Content-Type')).toBe(mediaTypes.ociIndex);
    expect(await listed.json()).toEqual({
      schemaVersion: 2,
      mediaType: mediaTypes.ociIndex,
      manifests: [
        {
          mediaType: mediaTypes.ociManifest,
          digest: digestOf(artifact),
          size: artifact.length,
          artifactType: 'application/x.signature',
          annotations: { who: 'alice' },
        },
      ],
    });
    const none = await hub.send('GET', `/v2/${repository}/referrers/${subject}?artifactType=a/b`, { token });
    expect(none.headers.get('OCI-Filters-Applied')).toBe('artifactType');
    expect(((await none.json()) as { manifests: object[] }).manifests).toEqual([]);
  });
});

describe('tags', () => {
  test('are listed in byte order, n at a time, with a link to the rest', async () => {
    await using hub = await HubFixture.create('alice');
    for (const tag of ['b', 'a', 'C', '10', '9']) await hub.pushImage('alice', repository, tag, 'same');
    const token = await hub.fullToken('alice', repository);
    const list = (query: string): Promise<Response> =>
      hub.send('GET', `/v2/${repository}/tags/list${query}`, { token });
    expect(await (await list('')).json()).toEqual({ name: repository, tags: ['10', '9', 'C', 'a', 'b'] });
    const first = await list('?n=2');
    expect(await first.json()).toEqual({ name: repository, tags: ['10', '9'] });
    expect(first.headers.get('Link')).toBe(`</v2/${repository}/tags/list?n=2&last=9>; rel="next"`);
    const rest = await list('?n=3&last=9');
    expect(await rest.json()).toEqual({ name: repository, tags: ['C', 'a', 'b'] });
    expect(rest.headers.get('Link')).toBeNull();
    expect(await (await list('?n=0')).json()).toEqual({ name: repository, tags: [] });
    expect((await list('?n=1000000000')).status).toBe(200);
    for (const wrong of ['-1', 'abc', '1.5']) {
      const refused = await list(`?n=${wrong}`);
      expect(refused.status).toBe(400);
      expect(await codesOf(refused)).toEqual(['PAGINATION_NUMBER_INVALID']);
    }
  });

  test('move with a push, and the old manifest stays under its digest', async () => {
    await using hub = await HubFixture.create('alice');
    const old = await hub.pushImage('alice', repository, 'latest', 'old');
    const now = await hub.pushImage('alice', repository, 'latest', 'new');
    const token = await hub.fullToken('alice', repository);
    const head = await hub.send('HEAD', `${manifests}/latest`, { token });
    expect(head.headers.get('Docker-Content-Digest')).toBe(now.digest);
    expect((await hub.send('HEAD', `${manifests}/${old.digest}`, { token })).status).toBe(200);
  });
});

describe('a delete', () => {
  test('of a tag takes the tag alone, of a manifest its tags too, of a blob its link; at once', async () => {
    await using hub = await HubFixture.create('alice');
    const image = await hub.pushImage('alice', repository, 'one');
    await hub.pushImage('alice', repository, 'two', 'one');
    const token = await hub.fullToken('alice', repository);
    const status = async (method: string, path: string): Promise<number> =>
      (await hub.send(method, path, { token })).status;
    expect(await status('DELETE', `${manifests}/one`)).toBe(202);
    expect(await status('HEAD', `${manifests}/one`)).toBe(404);
    expect(await status('HEAD', `${manifests}/two`)).toBe(200);
    expect(await status('DELETE', `${manifests}/${image.digest}`)).toBe(202);
    expect(await status('HEAD', `${manifests}/two`)).toBe(404);
    expect(await status('DELETE', `${manifests}/${image.digest}`)).toBe(404);
    expect(await status('DELETE', `/v2/${repository}/blobs/${image.layer}`)).toBe(202);
    expect(await status('HEAD', `/v2/${repository}/blobs/${image.layer}`)).toBe(404);
    expect(await status('DELETE', `/v2/${repository}/blobs/${image.layer}`)).toBe(404);
  });
});

describe('a blob', () => {
  test('is sent whole or in part, and refused where the part is empty', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.fullToken('alice', repository);
    const bytes = 'x'.repeat(500) + 'y'.repeat(1000) + 'z'.repeat(548);
    const path = `/v2/${repository}/blobs/${await hub.pushBlob(token, repository, bytes)}`;
    const part = async (range: string): Promise<[number, string | null, number]> => {
      const response = await hub.send('GET', path, { token, headers: { Range: range } });
      const { status } = response;
      const { length } = await response.text();
      return [status, response.headers.get('Content-Range'), status === 416 ? 0 : length];
    };
    expect(await part('bytes=500-1499')).toEqual([206, 'bytes 500-1499/2048', 1000]);
    expect(await part('bytes=500-')).toEqual([206, 'bytes 500-2047/2048', 1548]);
    expect(await part('bytes=-500')).toEqual([206, 'bytes 1548-2047/2048', 500]);
    expect(await part('bytes=2000-5000')).toEqual([206, 'bytes 2000-2047/2048', 48]);
    expect(await part('bytes=500-0')).toEqual([416, 'bytes */2048', 0]);
    expect(await part('bytes=5000-10000')).toEqual([416, 'bytes */2048', 0]);
    expect(await part('lines=1-2')).toEqual([200, null, 2048]);
  });

  test('is never shown by a browser as what its sender wanted, nor under the name of its file', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.fullToken('alice', repository);
    const digest = await hub.pushBlob(token, repository, '<script>alert(1)</script>');
    const { headers } = await hub.send('GET', `/v2/${repository}/blobs/${digest}`, { token });
    expect(headers.get('Content-Type')).toBe('application/octet-stream');
    expect(headers.get('Content-Disposition')).toBe('attachment');
    expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
  });
});
