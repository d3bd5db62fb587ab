import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from '../../oci/image/digest.ts';
import { codesOf, HubFixture } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const repository = 'alice/app';
const uploads = `/v2/${repository}/blobs/uploads/`;
const bytes = 'hello, registry';
const digest = digestOf(bytes);

async function start(hub: HubFixture, token: string): Promise<string> {
  const response = await hub.send('POST', uploads, { token });
  expect(response.status).toBe(202);
  return response.headers.get('Location') ?? '';
}

async function expectBlob(hub: HubFixture, token: string): Promise<void> {
  const response = await hub.send('GET', `/v2/${repository}/blobs/${digest}`, { token });
  expect(response.status).toBe(200);
  expect(await response.text()).toBe(bytes);
}

function range(start: number, end: number): Record<string, string> {
  return { 'Content-Range': `${start}-${end}`, 'Content-Length': String(end - start + 1) };
}

describe('an upload', () => {
  test('in one POST is a blob at once', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.fullToken('alice', repository);
    const response = await hub.send('POST', `${uploads}?digest=${digest}`, { token, body: bytes });
    expect(response.status).toBe(201);
    expect(response.headers.get('Location')).toBe(`/v2/${repository}/blobs/${digest}`);
    expect(response.headers.get('Docker-Content-Digest')).toBe(digest);
    await expectBlob(hub, token);
  });

  test('by POST and PUT is a blob', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.fullToken('alice', repository);
    const location = await start(hub, token);
    const response = await hub.send('PUT', `${location}?digest=${digest}`, { token, body: bytes });
    expect(response.status).toBe(201);
    await expectBlob(hub, token);
  });

  test('streamed by one PATCH without a range is a blob', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.fullToken('alice', repository);
    const location = await start(hub, token);
    const body = new Blob([bytes]).stream();
    const patched = await hub.send('PATCH', location, { token, body });
    expect(patched.status).toBe(202);
    expect(patched.headers.get('Range')).toBe(`0-${bytes.length - 1}`);
    expect((await hub.send('PUT', `${location}?digest=${digest}`, { token })).status).toBe(201);
    await expectBlob(hub, token);
  });

  test('in ranges, the last one in the PUT, is a blob', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.fullToken('alice', repository);
    const location = await start(hub, token);
    const first = await hub.send('PATCH', location, { token, body: bytes.slice(0, 5), headers: range(0, 4) });
    expect(first.headers.get('Range')).toBe('0-4');
    const last = await hub.send('PUT', `${location}?digest=${digest}`, {
      token,
      body: bytes.slice(5),
      headers: range(5, bytes.length - 1),
    });
    expect(last.status).toBe(201);
    await expectBlob(hub, token);
  });

  test('out of order is refused with 416, tells where it stands, and goes on', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.fullToken('alice', repository);
    const location = await start(hub, token);
    const early = await hub.send('PATCH', location, { token, body: bytes.slice(5), headers: range(5, 14) });
    expect(early.status).toBe(416);
    await hub.send('PATCH', location, { token, body: bytes.slice(0, 5), headers: range(0, 4) });
    const again = await hub.send('PATCH', location, { token, body: bytes.slice(0, 5), headers: range(0, 4) });
    expect(again.status).toBe(416);
    expect(again.headers.get('Range')).toBe('0-4');
    const last = { token, body: bytes.slice(5), headers: range(6, 15) };
    expect((await hub.send('PUT', `${location}?digest=${digest}`, last)).status).toBe(416);
    const status = await hub.send('GET', location, { token });
    expect(status.status).toBe(204);
    expect(status.headers.get('Range')).toBe('0-4');
    expect(status.headers.get('Location')).toBe(location);
    const rest = { token, body: bytes.slice(5), headers: range(5, 14) };
    expect((await hub.send('PUT', `${location}?digest=${digest}`, rest)).status).toBe(201);
    await expectBlob(hub, token);
  });

  test('whose bytes are not the digest is refused, nothing is linked, and it may be sent again', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.fullToken('alice', repository);
    const location = await start(hub, token);
    const wrong = await hub.send('PUT', `${location}?digest=${digest}`, { token, body: 'something else' });
    expect(wrong.status).toBe(400);
    expect(await codesOf(wrong)).toEqual(['DIGEST_INVALID']);
    expect((await hub.send('HEAD', `/v2/${repository}/blobs/${digest}`, { token })).status).toBe(404);
    await hub.pushBlob(token, repository, bytes);
    await expectBlob(hub, token);
  });

  test.each(['sha256:short', 'md5:abc', `sha256:${'A'.repeat(64)}`, ''])(
    'with the digest %p is refused',
    async (text) => {
      await using hub = await HubFixture.create('alice');
      const token = await hub.fullToken('alice', repository);
      const response = await hub.send('POST', `${uploads}?digest=${encodeURIComponent(text)}`, {
        token,
        body: bytes,
      });
      expect(response.status).toBe(400);
      expect(await codesOf(response)).toEqual(['DIGEST_INVALID']);
    },
  );

  test('with a sha512 digest is a blob under that name', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.fullToken('alice', repository);
    const long = digestOf(bytes, 'sha512');
    const location = await start(hub, token);
    await hub.send('PATCH', location, { token, body: bytes });
    expect((await hub.send('PUT', `${location}?digest=${long}`, { token })).status).toBe(201);
    expect((await hub.send('HEAD', `/v2/${repository}/blobs/${long}`, { token })).status).toBe(200);
  });

  test('of no bytes is a blob of length 0', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.fullToken('alice', repository);
    const location = await start(hub, token);
    const empty = digestOf('');
    expect((await hub.send('PUT', `${location}?digest=${empty}`, { token })).status).toBe(201);
    const head = await hub.send('HEAD', `/v2/${repository}/blobs/${empty}`, { token });
    expect(head.headers.get('Content-Length')).toBe('0');
  });

  test('that is cancelled is unknown afterwards and leaves no file', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.fullToken('alice', repository);
    const location = await start(hub, token);
    await hub.send('PATCH', location, { token, body: bytes });
    expect((await hub.send('DELETE', location, { token })).status).toBe(204);
    expect((await hub.send('GET', location, { token })).status).toBe(404);
    expect(await readdir(join(hub.directory, 'hub/ingest'))).toEqual([]);
  });

  test('goes on after the hub was restarted', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.fullToken('alice', repository);
    const location = await start(hub, token);
    await hub.send('PATCH', location, { token, body: bytes.slice(0, 7) });
    await hub.restart();
    const status = await hub.send('GET', location, { token });
    expect(status.headers.get('Range')).toBe('0-6');
    await hub.send('PATCH', location, { token, body: bytes.slice(7), headers: range(7, 14) });
    expect((await hub.send('PUT', `${location}?digest=${digest}`, { token })).status).toBe(201);
    await expectBlob(hub, token);
  });

  test('whose client goes away keeps what came, and can be resumed from there', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.fullToken('alice', repository);
    const location = await start(hub, token);
    let sent = false;
    const broken = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent) controller.error(new DOMException('The connection was closed.', 'AbortError'));
        else controller.enqueue(new TextEncoder().encode(bytes.slice(0, 5)));
        sent = true;
      },
    });
    await hub.send('PATCH', location, { token, body: broken });
    const status = await hub.send('GET', location, { token });
    expect(status.headers.get('Range')).toBe('0-4');
    const rest = { token, body: bytes.slice(5), headers: range(5, 14) };
    expect((await hub.send('PUT', `${location}?digest=${digest}`, rest)).status).toBe(201);
  });

  test('belongs to its account and its repository alone', async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    const location = await start(hub, await hub.fullToken('alice', repository));
    const id = location.slice(location.lastIndexOf('/') + 1);
    const bob = await hub.fullToken('bob', 'bob/app');
    await hub.pushBlob(bob, 'bob/app', 'makes the repository');
    const elsewhere = await hub.fullToken('alice', 'alice/other');
    await hub.pushBlob(elsewhere, 'alice/other', 'makes the repository');
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      expect((await hub.send(method, `/v2/bob/app/blobs/uploads/${id}`, { token: bob })).status).toBe(404);
      expect((await hub.send(method, location, { token: bob })).status).toBe(401);
      expect(
        (await hub.send(method, `/v2/alice/other/blobs/uploads/${id}`, { token: elsewhere })).status,
      ).toBe(404);
    }
  });

  test('makes nothing visible before its manifest: a push cut off leaves no repository, and can be repeated', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.fullToken('alice', repository);
    await hub.pushBlob(token, repository, bytes);
    await start(hub, token);
    expect((await hub.send('GET', `/v2/repositories/${repository}/`)).status).toBe(404);
    const search = await hub.send('GET', '/v1/search?q=app');
    expect(((await search.json()) as { num_results: number }).num_results).toBe(0);
    await hub.pushImage('alice', repository, 'latest');
    expect((await hub.send('GET', `/v2/repositories/${repository}/`)).status).toBe(200);
  });
});

describe('at the same time', () => {
  test('twenty uploads of one blob all succeed and make one file', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.fullToken('alice', repository);
    await Promise.all(Array.from({ length: 20 }, () => hub.pushBlob(token, repository, bytes)));
    await expectBlob(hub, token);
    const files = await readdir(join(hub.directory, 'hub/blobs'), { recursive: true, withFileTypes: true });
    expect(files.filter((file) => file.isFile())).toHaveLength(1);
    expect(await readdir(join(hub.directory, 'hub/ingest'))).toEqual([]);
  });

  test('of two chunks for one session exactly one wins', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.fullToken('alice', repository);
    const location = await start(hub, token);
    const chunk = { token, body: bytes, headers: range(0, bytes.length - 1) };
    const answers = await Promise.all([
      hub.send('PATCH', location, chunk),
      hub.send('PATCH', location, chunk),
    ]);
    const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
    expect(statuses[0]).toBe(202);
    expect([409, 416]).toContain(statuses[1] ?? 0);
    expect((await hub.send('PUT', `${location}?digest=${digest}`, { token })).status).toBe(201);
    await expectBlob(hub, token);
  });

  test('pushes of one tag leave the last one, and every manifest', async () => {
    await using hub = await HubFixture.create('alice');
    const names = Array.from({ length: 10 }, (_, number) => `image ${number}`);
    const images = await Promise.all(names.map((name) => hub.pushImage('alice', repository, 'latest', name)));
    const token = await hub.fullToken('alice', repository);
    const head = await hub.send('HEAD', `/v2/${repository}/manifests/latest`, { token });
    const digests: readonly string[] = images.map((image) => image.digest);
    expect(digests).toContain(head.headers.get('Docker-Content-Digest') ?? '');
    for (const digest of digests) {
      expect((await hub.send('HEAD', `/v2/${repository}/manifests/${digest}`, { token })).status).toBe(200);
    }
  });

  test('a delete of the repository and a push to it end in one or the other', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushImage('alice', repository, 'latest');
    const token = await hub.fullToken('alice', repository);
    const session = await hub.session('alice');
    const location = await start(hub, token);
    await hub.send('DELETE', `/v2/repositories/${repository}/`, { token: session });
    const finished = await hub.send('PUT', `${location}?digest=${digest}`, { token, body: bytes });
    expect(finished.status).toBe(404);
    expect(await codesOf(finished)).toEqual(['BLOB_UPLOAD_UNKNOWN']);
    await hub.pushImage('alice', repository, 'latest');
  });
});

describe('a mount', () => {
  const mountInto = (target: string, from?: string): string =>
    `/v2/${target}/blobs/uploads/?mount=${digest}${from === undefined ? '' : `&from=${encodeURIComponent(from)}`}`;

  test('of a blob that the caller may pull links it', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushBlob(await hub.fullToken('alice', repository), repository, bytes);
    const token = await hub.fullToken('alice', 'alice/copy');
    const mounted = await hub.send('POST', mountInto('alice/copy', repository), { token });
    expect(mounted.status).toBe(201);
    expect(mounted.headers.get('Location')).toBe(`/v2/alice/copy/blobs/${digest}`);
    expect((await hub.send('HEAD', `/v2/alice/copy/blobs/${digest}`, { token })).status).toBe(200);
  });

  test("of a blob in another's private repository is an upload like any other", async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    await hub.send('POST', '/v2/repositories/', {
      token: await hub.session('alice'),
      body: { namespace: 'alice', name: 'secret', is_private: true },
    });
    await hub.pushBlob(await hub.fullToken('alice', 'alice/secret'), 'alice/secret', bytes);
    const token = await hub.fullToken('bob', 'bob/app');
    for (const from of ['alice/secret', 'alice/none', undefined, '../x', 'alice%2fsecret']) {
      const response = await hub.send('POST', mountInto('bob/app', from), { token });
      expect(response.status).toBe(202);
    }
    expect((await hub.send('HEAD', `/v2/bob/app/blobs/${digest}`, { token })).status).toBe(404);
    expect((await hub.send('GET', `/v2/bob/app/blobs/${digest}`, { token })).status).toBe(404);
  });
});
