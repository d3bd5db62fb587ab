/** Manifests of every kind that the official suites push: kept byte for byte, listed, referred to, deleted. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { type Digest, type DigestAlgorithm, digestOf } from '../../../oci/image/digest.ts';
import { mediaTypes } from '../../../oci/image/media-type.ts';
import { codesOf } from '../../testing/hub-fixture.ts';
import { repo2, SuiteClient } from './suite-client.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

let client: SuiteClient;
beforeAll(async () => {
  client = await SuiteClient.start();
});
afterAll(() => client[Symbol.asyncDispose]());

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly [field: string]: unknown;
}

interface Document {
  readonly mediaType: string;
  readonly bytes: string;
  readonly digest: Digest;
}

function documentOf(fields: object, algorithm: DigestAlgorithm = 'sha256'): Document {
  const value = { schemaVersion: 2, ...fields } as { mediaType?: string };
  // Spaces, so that whoever writes it anew is found out.
  const bytes = JSON.stringify(value, undefined, 1);
  return { mediaType: value.mediaType ?? mediaTypes.ociManifest, bytes, digest: digestOf(bytes, algorithm) };
}

function descriptorOf({ mediaType, bytes, digest }: Document, fields: object = {}): Descriptor {
  return { mediaType, digest, size: bytes.length, ...fields };
}

async function blob(
  text: string,
  mediaType: string,
  algorithm: DigestAlgorithm = 'sha256',
): Promise<Descriptor> {
  return { mediaType, digest: await client.pushBlob(repo2, text, algorithm), size: text.length };
}

async function image(fields: object = {}, algorithm: DigestAlgorithm = 'sha256'): Promise<Document> {
  const config = JSON.stringify({ os: 'linux', architecture: 'amd64', stamp: crypto.randomUUID() });
  return documentOf(
    {
      mediaType: mediaTypes.ociManifest,
      config: await blob(config, mediaTypes.ociConfig, algorithm),
      layers: [await blob(`layer ${crypto.randomUUID()}`, mediaTypes.ociLayerGzip, algorithm)],
      ...fields,
    },
    algorithm,
  );
}

function index(manifests: readonly Descriptor[], fields: object = {}): Document {
  return documentOf({ mediaType: mediaTypes.ociIndex, manifests, ...fields });
}

async function emptyBlob(): Promise<Descriptor> {
  return blob('{}', mediaTypes.ociEmpty);
}

async function push(document: Document, reference: string = document.digest): Promise<Response> {
  const response = await client.pushManifest(repo2, reference, document.bytes, document.mediaType);
  expect(response.status).toBe(201);
  expect(response.headers.get('Docker-Content-Digest')).toBe(document.digest);
  return response;
}

const absent = digestOf('a subject that nobody pushed');

/** Each gives the documents to push, the one under test last. */
const cases: Readonly<Record<string, () => Promise<Document[]>>> = {
  image: async () => [await image()],
  'image, uncompressed': async () => [
    await image({ layers: [await blob(`tar ${crypto.randomUUID()}`, mediaTypes.ociLayer)] }),
  ],
  'large manifest': async () => {
    const annotations = Object.fromEntries(
      Array.from({ length: 390 }, (_, number) => [`org.example.${number}`, 'x'.repeat(10_000)]),
    );
    return [await image({ annotations })];
  },
  index: async () => {
    const images = [await image(), await image()];
    return [...images, index(images.map((each) => descriptorOf(each)))];
  },
  'nested index': async () => {
    const inner = await image();
    const middle = index([descriptorOf(inner)]);
    return [inner, middle, index([descriptorOf(middle)])];
  },
  'empty index': async () => [index([], { annotations: { stamp: crypto.randomUUID() } })],
  artifact: async () => [
    await image({ artifactType: 'application/vnd.example.artifact', config: await emptyBlob() }),
  ],
  'artifact index': async () => {
    const inner = await image();
    return [inner, index([descriptorOf(inner)], { artifactType: 'application/vnd.example.list' })];
  },
  'artifact without layers': async () => {
    const empty = await emptyBlob();
    const artifactType = 'application/vnd.example.small';
    return [await image({ artifactType, config: empty, layers: [empty] })];
  },
  'data field': async () => [
    await image({ config: { ...(await emptyBlob()), data: btoa('{}') }, annotations: { stamp: '1' } }),
  ],
  'layers from elsewhere': async () => {
    const missing = { digest: digestOf('only its maker has it'), size: 21, urls: ['http://192.0.2.1/layer'] };
    const types = [
      'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
      mediaTypes.dockerForeignLayer,
    ];
    return [await image({ layers: types.map((mediaType) => ({ mediaType, ...missing })) })];
  },
  'custom fields': async () => [await image({ 'org.example': { deep: [1, 2.5, null, 'ü'] }, zero: 0 })],
  'no layers': async () => [await image({ layers: [] })],
  sha512: async () => [await image({}, 'sha512')],
  'sha512 index': async () => {
    const inner = await image({}, 'sha512');
    return [inner, index([descriptorOf(inner)])];
  },
  'missing subject': async () => [
    await image({ subject: { mediaType: mediaTypes.ociManifest, digest: absent, size: 28 } }),
  ],
};

describe.each(Object.entries(cases))('%s', (name, make) => {
  const tag = name.replaceAll(/[^a-z0-9]+/g, '-');

  test('is pushed by digest and by tag, and comes back as it was', async () => {
    const documents = await make();
    for (const document of documents) await push(document);
    const document = documents.at(-1);
    if (!document) expect.unreachable();
    const byTag = document.digest.startsWith('sha256')
      ? await push(document, tag)
      : await client.pushManifest(repo2, `${document.digest}?tag=${tag}`, document.bytes, document.mediaType);
    expect(byTag.status).toBe(201);
    expect(await tags()).toContain(tag);
    for (const reference of [document.digest, tag]) {
      const head = await client.send('HEAD', `${repo2}/manifests/${reference}`);
      expect(head.status).toBe(200);
      const got = await client.send('GET', `${repo2}/manifests/${reference}`);
      expect(got.status).toBe(200);
      for (const response of [head, got]) {
        expect(response.headers.get('Content-Type')).toBe(document.mediaType);
        expect(response.headers.get('Content-Length')).toBe(String(Buffer.byteLength(document.bytes)));
        expect(response.headers.get('Docker-Content-Digest')).toBe(document.digest);
      }
      expect(await got.text()).toBe(document.bytes);
    }
    expect((await client.send('DELETE', `${repo2}/manifests/${tag}`)).status).toBe(202);
    expect((await client.send('HEAD', `${repo2}/manifests/${tag}`)).status).toBe(404);
    expect(await tags()).not.toContain(tag);
    for (const { digest } of documents.toReversed()) {
      expect((await client.send('HEAD', `${repo2}/manifests/${digest}`)).status).toBe(200);
      expect((await client.send('DELETE', `${repo2}/manifests/${digest}`)).status).toBe(202);
      expect((await client.send('HEAD', `${repo2}/manifests/${digest}`)).status).toBe(404);
    }
  });
});

async function tags(): Promise<readonly string[]> {
  const response = await client.send('GET', `${repo2}/tags/list`);
  if (response.status === 404) return [];
  return ((await response.json()) as { tags: string[] }).tags;
}

describe('a manifest', () => {
  test.each(['sha256', 'sha512'] as const)('pushed by %s with ?tag= gets these tags', async (algorithm) => {
    const document = await image({}, algorithm);
    const names = ['tag-param-a', 'tag-param-b'];
    const reference = `${document.digest}?${names.map((tag) => `tag=${tag}`).join('&')}`;
    const response = await push(document, reference);
    expect(response.headers.get('OCI-Tag')?.split(', ')).toEqual(names);
    for (const tag of names) {
      const got = await client.send('GET', `${repo2}/manifests/${tag}`);
      expect(got.headers.get('Docker-Content-Digest')).toBe(document.digest);
      expect(await got.text()).toBe(document.bytes);
    }
  });

  test.each(['sha256', 'sha512'] as const)(
    'pushed by tag with ?digest= of %s is kept under that digest, or refused when it has another',
    async (algorithm) => {
      const document = await image({}, algorithm);
      const response = await push(document, `digest-param?digest=${document.digest}`);
      expect(response.headers.get('Location')).toBe(`/v2/${repo2}/manifests/digest-param`);
      const got = await client.send('GET', `${repo2}/manifests/digest-param`);
      expect(got.headers.get('Docker-Content-Digest')).toBe(document.digest);
      expect((await client.send('HEAD', `${repo2}/manifests/${document.digest}`)).status).toBe(200);
      const reference = `digest-param?digest=${digestOf('something else', algorithm)}`;
      const other = await client.pushManifest(repo2, reference, document.bytes, document.mediaType);
      expect(other.status).toBe(400);
      expect(await codesOf(other)).toEqual(['DIGEST_INVALID']);
    },
  );

  test.each(['sha256', 'sha512'] as const)(
    'pushed by a %s digest that it has not is refused',
    async (algorithm) => {
      const document = await image();
      const other = digestOf('something else', algorithm);
      const response = await client.pushManifest(repo2, other, document.bytes, document.mediaType);
      expect(response.status).toBe(400);
      expect(await codesOf(response)).toEqual(['DIGEST_INVALID']);
    },
  );

  test.each(['sha256:baddigeststring', 'sha256:totallywrong', 'sha256:', 'md5:abc'])(
    'by the digest %p is refused, and told in the envelope why',
    async (digest) => {
      const document = await image();
      const put = await client.pushManifest(repo2, digest, document.bytes, document.mediaType);
      expect(put.status).toBe(400);
      const got = await client.send('GET', `${repo2}/manifests/${digest}`);
      expect(got.status).toBe(400);
      expect(await codesOf(got)).toEqual(['DIGEST_INVALID']);
    },
  );

  test('that nobody pushed is 404', async () => {
    // The last is no tag: it names nothing, and cannot be pushed.
    for (const reference of [absent, 'no-such-tag', '.INVALID_MANIFEST_NAME']) {
      for (const method of ['HEAD', 'GET', 'DELETE']) {
        expect((await client.send(method, `${repo2}/manifests/${reference}`)).status).toBe(404);
      }
    }
    const { bytes, mediaType } = await image();
    const response = await client.pushManifest(repo2, '.INVALID_MANIFEST_NAME', bytes, mediaType);
    expect(response.status).toBe(400);
    expect(await codesOf(response)).toEqual(['TAG_INVALID']);
  });

  test('whose blobs or children are not there is refused', async () => {
    const missing = { mediaType: mediaTypes.ociLayer, digest: absent, size: 28 };
    for (const document of [await image({ layers: [missing] }), index([missing])]) {
      const response = await client.pushManifest(repo2, document.digest, document.bytes, document.mediaType);
      expect(response.status).toBe(400);
      expect(await codesOf(response)).toEqual(['MANIFEST_BLOB_UNKNOWN']);
    }
  });

  test('is found with two lines of Accept', async () => {
    const document = await image();
    await push(document, 'accept-lines');
    const token = await tokenFor(`repository:${repo2}:pull`);
    const answer = await rawRequest([
      `GET /v2/${repo2}/manifests/accept-lines HTTP/1.1`,
      'Host: 127.0.0.1',
      `Authorization: Bearer ${token}`,
      `Accept: ${mediaTypes.ociIndex}`,
      `Accept: ${mediaTypes.ociManifest}`,
      'Connection: close',
    ]);
    expect(answer).toStartWith('HTTP/1.1 200');
    expect(answer).toEndWith(document.bytes);
  });

  test('is not sent again to who holds it', async () => {
    const document = await image();
    await push(document, 'conditional');
    for (const method of ['GET', 'HEAD']) {
      const headers = { 'If-None-Match': `"${document.digest}"` };
      const response = await client.send(method, `${repo2}/manifests/conditional`, { headers });
      expect(response.status).toBe(304);
      expect(response.headers.get('ETag')).toBe(`"${document.digest}"`);
    }
  });
});

async function tokenFor(scope: string): Promise<string> {
  const response = await fetch(`${client.url}/token?scope=${scope}`);
  return ((await response.json()) as { token: string }).token;
}

/** What a client that writes its own lines gets: fetch joins equal headers. */
async function rawRequest(lines: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(client.url);
  const { promise, resolve } = Promise.withResolvers<string>();
  let answer = '';
  const socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      data: (_socket, chunk) => {
        answer += chunk.toString('utf8');
      },
      close: () => resolve(answer),
    },
  });
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  return promise;
}
