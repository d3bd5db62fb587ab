/** Blobs, case by case as the official suites check them. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { digestOf } from '../../../oci/image/digest.ts';
import { codesOf } from '../../testing/hub-fixture.ts';
import { repo1, repo2, SuiteClient } from './suite-client.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

let client: SuiteClient;
beforeAll(async () => {
  client = await SuiteClient.start();
});
afterAll(() => client[Symbol.asyncDispose]());

type Bytes = Uint8Array<ArrayBuffer>;

const chunkSize = 1024;

function chunksOf(bytes: Bytes): { readonly range: string; readonly body: Bytes }[] {
  const starts = Array.from({ length: Math.ceil(bytes.length / chunkSize) }, (_, index) => index * chunkSize);
  return starts.map((start) => {
    const body = bytes.slice(start, start + chunkSize);
    return { range: `${start}-${start + body.length - 1}`, body };
  });
}

async function patch(location: string, { range, body }: { range: string; body: Bytes }): Promise<Response> {
  const headers = { 'Content-Range': range, 'Content-Type': 'application/octet-stream' };
  return client.send('PATCH', location, { headers, body });
}

/** Sends all but the last chunk, or all; each answer has the place of the next one. */
async function patchAll(bytes: Bytes, keepLast: boolean): Promise<string> {
  let location = await client.startUpload(repo1);
  for (const chunk of chunksOf(bytes).slice(0, keepLast ? -1 : undefined)) {
    const response = await patch(location, chunk);
    expect(response.status).toBe(202);
    expect(response.headers.get('Range')).toBe(`0-${chunk.range.split('-')[1]}`);
    location = response.headers.get('Location') ?? '';
  }
  return location;
}

/** Every way to upload; each gives the last answer. */
const uploads: Readonly<Record<string, (bytes: Bytes, digest: string) => Promise<Response>>> = {
  'post only': async (body, digest) =>
    client.send('POST', `${repo1}/blobs/uploads/?digest=${digest}`, { body }),
  'post and put': async (body, digest) =>
    client.send('PUT', `${await client.startUpload(repo1)}?digest=${digest}`, { body }),
  chunks: async (bytes, digest) => client.send('PUT', `${await patchAll(bytes, false)}?digest=${digest}`),
  'chunks, the last one in the put': async (bytes, digest) => {
    const location = await patchAll(bytes, true);
    const last = chunksOf(bytes).at(-1);
    const headers = { 'Content-Range': last?.range ?? '' };
    return client.send('PUT', `${location}?digest=${digest}`, { headers, body: last?.body ?? '' });
  },
  stream: async (bytes, digest) => {
    const location = await client.startUpload(repo1);
    const patched = await client.send('PATCH', location, { body: new Blob([bytes]).stream() });
    expect(patched.status).toBe(202);
    return client.send('PUT', `${patched.headers.get('Location')}?digest=${digest}`);
  },
};

function random(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length));
}

async function expectBlob(repository: string, bytes: Bytes, digest: string): Promise<void> {
  const head = await client.send('HEAD', `${repository}/blobs/${digest}`);
  expect(head.status).toBe(200);
  expect(head.headers.get('Content-Length')).toBe(String(bytes.length));
  expect(head.headers.get('Docker-Content-Digest')).toBe(digest);
  const got = await client.send('GET', `${repository}/blobs/${digest}`);
  expect(got.status).toBe(200);
  expect(got.headers.get('Docker-Content-Digest')).toBe(digest);
  expect(new Uint8Array(await got.arrayBuffer())).toEqual(bytes);
}

async function expectDeleted(repository: string, digest: string): Promise<void> {
  expect((await client.send('DELETE', `${repository}/blobs/${digest}`)).status).toBe(202);
  expect((await client.send('HEAD', `${repository}/blobs/${digest}`)).status).toBe(404);
}

describe.each(['sha256', 'sha512'] as const)('%s blobs', (algorithm) => {
  describe.each(Object.entries(uploads))('by %s', (_name, upload) => {
    test.each([1, 512, 2048, 3067])(
      'of %p bytes are there, and gone at once when deleted',
      async (length) => {
        const bytes = random(length);
        const digest = digestOf(bytes, algorithm);
        const response = await upload(bytes, digest);
        expect(response.status).toBe(201);
        expect(response.headers.get('Docker-Content-Digest')).toBe(digest);
        const location = response.headers.get('Location') ?? '';
        expect(location).toBe(`/v2/${repo1}/blobs/${digest}`);
        expect((await client.send('GET', location)).status).toBe(200);
        await expectBlob(repo1, bytes, digest);
        await expectDeleted(repo1, digest);
      },
    );

    test('of another digest are refused with 400', async () => {
      const response = await upload(random(3072), digestOf('other bytes', algorithm));
      expect(response.status).toBe(400);
      expect(await codesOf(response)).toEqual(['DIGEST_INVALID']);
    });
  });

  test.each(['', '{}'])('of the bytes %p are there with their length', async (text) => {
    const digest = await client.pushBlob(repo1, text, algorithm);
    await expectBlob(repo1, new TextEncoder().encode(text), digest);
    await expectDeleted(repo1, digest);
  });

  test('that nobody pushed are 404', async () => {
    const digest = digestOf('never pushed', algorithm);
    for (const method of ['HEAD', 'GET', 'DELETE']) {
      expect((await client.send(method, `${repo1}/blobs/${digest}`)).status).toBe(404);
    }
  });

  test.each([
    ['bytes=500-1499', 206, 500, 1500],
    ['bytes=500-', 206, 500, 2048],
    ['bytes=-500', 206, 1548, 2048],
    ['bytes=2000-5000', 206, 2000, 2048],
    ['bytes=-5000', 206, 0, 2048],
    ['bytes=0-0', 206, 0, 1],
    ['bytes=500-0', 416, 0, 0],
    ['bytes=5000-10000', 416, 0, 0],
    ['bytes=-0', 416, 0, 0],
    ['bytes=0-1,5-6', 200, 0, 2048],
    ['lines=1-2', 200, 0, 2048],
  ])('asked for %p are answered %p', async (range, status, start, end) => {
    const bytes = random(2048);
    const digest = await client.pushBlob(repo1, bytes, algorithm);
    const response = await client.send('GET', `${repo1}/blobs/${digest}`, { headers: { Range: range } });
    expect(response.status).toBe(status);
    if (status === 416) {
      expect(response.headers.get('Content-Range')).toBe('bytes */2048');
      return;
    }
    expect(response.headers.get('Content-Length')).toBe(String(end - start));
    expect(response.headers.get('Content-Range')).toBe(
      status === 206 ? `bytes ${start}-${end - 1}/2048` : null,
    );
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes.slice(start, end));
  });

  test('are not sent again to who holds them, and a range of what changed is the whole', async () => {
    const bytes = random(2048);
    const digest = await client.pushBlob(repo1, bytes, algorithm);
    const path = `${repo1}/blobs/${digest}`;
    const etag = (await client.send('HEAD', path)).headers.get('ETag') ?? '';
    expect(etag).toBe(`"${digest}"`);
    for (const method of ['GET', 'HEAD']) {
      for (const condition of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
        const headers = { 'If-None-Match': condition };
        expect((await client.send(method, path, { headers })).status).toBe(304);
      }
      expect((await client.send(method, path, { headers: { 'If-None-Match': '"x"' } })).status).toBe(200);
    }
    const range = { Range: 'bytes=0-9' };
    expect((await client.send('GET', path, { headers: { ...range, 'If-Range': etag } })).status).toBe(206);
    expect((await client.send('GET', path, { headers: { ...range, 'If-Range': '"x"' } })).status).toBe(200);
    expect((await client.send('HEAD', path, { headers: range })).headers.get('Content-Length')).toBe('2048');
  });
});

describe('chunks out of order', () => {
  test.each([false, true])(
    'are refused with 416 and the session goes on (last one in the put: %p)',
    async (lastInPut) => {
      const bytes = random(3067);
      const digest = digestOf(bytes);
      const chunks = chunksOf(bytes);
      const begun = await client.startUpload(repo1);
      let location = begun;
      for (const [index, chunk] of chunks.entries()) {
        const wrong = chunks[(index + 1) % chunks.length] ?? chunk;
        const refused = await patch(location, wrong);
        expect(refused.status).toBe(416);
        expect(await codesOf(refused)).toEqual(['RANGE_INVALID']);
        // Also at the address that the session began with, not the newest one.
        const status = await client.send('GET', begun);
        expect(status.status).toBe(204);
        expect(status.headers.get('Range')).toBe(`0-${Math.max(index * chunkSize - 1, 0)}`);
        location = status.headers.get('Location') ?? '';
        if (lastInPut && index === chunks.length - 1) break;
        const taken = await patch(location, chunk);
        expect(taken.status).toBe(202);
        location = taken.headers.get('Location') ?? '';
      }
      const last = lastInPut ? chunks.at(-1) : undefined;
      const put = (range: string | undefined): Promise<Response> =>
        client.send('PUT', `${location}?digest=${digest}`, {
          ...(range !== undefined && { headers: { 'Content-Range': range } }),
          ...(last && { body: last.body }),
        });
      if (last) expect((await put('1024-2042')).status).toBe(416);
      expect((await put(last?.range)).status).toBe(201);
      await expectBlob(repo1, bytes, digest);
    },
  );

  test('also when the first one does not start at 0, or is sent twice to the old address', async () => {
    const [first, second] = chunksOf(random(2048));
    if (!first || !second) expect.unreachable();
    const begun = await client.startUpload(repo1);
    expect((await patch(begun, second)).status).toBe(416);
    expect((await patch(begun, first)).status).toBe(202);
    expect((await patch(begun, first)).status).toBe(416);
    expect((await patch(begun, second)).status).toBe(202);
  });
});

describe('a session', () => {
  test('that is cancelled is gone', async () => {
    const location = await client.startUpload(repo1);
    expect((await client.send('DELETE', location)).status).toBe(204);
    const gone = await client.send('GET', location);
    expect(gone.status).toBe(404);
    expect(await codesOf(gone)).toEqual(['BLOB_UPLOAD_UNKNOWN']);
  });

  test('is closed by a put without a digest only with 400', async () => {
    const location = await client.startUpload(repo1);
    const refused = await client.send('PUT', location, { body: 'bytes' });
    expect(refused.status).toBe(400);
    expect(await codesOf(refused)).toEqual(['DIGEST_INVALID']);
  });
});

describe('a mount', () => {
  const mount = (digest: string, from?: string): Promise<Response> =>
    client.send('POST', `${repo1}/blobs/uploads/?mount=${digest}${from ? `&from=${from}` : ''}`);

  test.each(['sha256', 'sha512'] as const)(
    'with the cached push token of the target, of a %s blob of another repository, is 201',
    async (algorithm) => {
      // The token for pushes to repo1 is there already, and names repo1 alone.
      await client.pushBlob(repo1, 'some other blob');
      for (const from of [repo2, undefined]) {
        const bytes = random(64);
        const digest = await client.pushBlob(repo2, bytes, algorithm);
        const mounted = await mount(digest, from);
        expect(mounted.status).toBe(201);
        expect(mounted.headers.get('Location')).toBe(`/v2/${repo1}/blobs/${digest}`);
        await expectBlob(repo1, bytes, digest);
        await expectDeleted(repo1, digest);
        await expectBlob(repo2, bytes, digest);
      }
    },
  );

  test.each([repo2, undefined])('of a blob that is not there (from %p) is an upload', async (from) => {
    const bytes = random(64);
    const digest = digestOf(bytes);
    const started = await mount(digest, from);
    expect(started.status).toBe(202);
    const location = started.headers.get('Location') ?? '';
    expect(location).toStartWith(`/v2/${repo1}/blobs/uploads/`);
    expect((await client.send('PUT', `${location}?digest=${digest}`, { body: bytes })).status).toBe(201);
  });
});
