/** An upstream registry that lies, stalls, breaks off, refuses or is gone: clients get the right bytes or a clear error. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { eventually } from '../../../tests/support/eventually.ts';
import { FakeRegistry, wireError } from '../../../tests/support/fake-registry.ts';
import { createLog } from '../../lib/log.ts';
import { digestOf } from '../../oci/image/digest.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';
import { createHub } from '../hub.ts';
import { serveHub } from '../server.ts';
import { codesOf, HubFixture } from '../testing/hub-fixture.ts';
import {
  forBlob,
  type HubWithUpstream,
  largeBlob,
  startHubWithUpstream,
} from '../../../tests/support/hub-with-upstream.ts';
import { testHubConfig } from '../testing/test-hub-config.ts';
import { testSelf } from '../testing/test-self.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const path = 'library/debian';
const layer = crypto.getRandomValues(new Uint8Array(60_000));

const start = (): Promise<HubWithUpstream> => startHubWithUpstream({ CAIS_HUB_UPSTREAM_AGE: '0' });

const cutOff = (bytes: Uint8Array<ArrayBuffer>): Response =>
  new Response(
    new ReadableStream({
      start: (controller) => controller.enqueue(bytes),
      async pull(controller) {
        await Bun.sleep(20);
        controller.error(new Error('cut off by the test'));
      },
    }),
  );

describe('an upstream that lies', () => {
  test('about a manifest: it is an error, and nothing is kept', async () => {
    await using setting = await start();
    const { manifest } = setting.upstream.addImage(path, 'latest', [layer]);
    setting.upstream.intercept = (_request, line) =>
      line.startsWith('GET') && line.includes('/manifests/')
        ? new Response('{"schemaVersion":2}', {
            headers: { 'Content-Type': mediaTypes.ociManifest, 'Docker-Content-Digest': manifest },
          })
        : undefined;
    for (const reference of ['latest', manifest]) {
      const answer = await setting.get(`${path}/manifests/${reference}`);
      expect([answer.status, await codesOf(answer)]).toEqual([503, ['UNAVAILABLE']]);
    }
    expect(await setting.held()).toEqual([]);
  });

  test('about a small blob: it is an error; about a large one: it never ends; and neither is kept', async () => {
    await using setting = await start();
    for (const bytes of [new TextEncoder().encode('small'), largeBlob]) {
      const digest = setting.upstream.addBlob(path, bytes);
      const changed = bytes.with(0, (bytes[0] ?? 0) ^ 1);
      setting.upstream.intercept = forBlob(path, digest, () => new Response(changed));
      const answer = await setting.get(`${path}/blobs/${digest}`);
      if (bytes === largeBlob && answer.status === 200) {
        await expect(answer.bytes()).rejects.toThrow();
      } else {
        expect([answer.status, await codesOf(answer)]).toEqual([503, ['UNAVAILABLE']]);
      }
      expect(await setting.held()).toEqual([]);
      setting.upstream.intercept = () => undefined;
      expect(digestOf(await setting.blob(path, digest))).toBe(digest);
      await eventually(async () => expect(await setting.held()).toContain(digest));
      await using parts = await setting.hub.openParts();
      await parts.database.queries.deleteFrom('cached_blobs').execute();
    }
  });

  test('about the size of a blob: too many bytes, or too few', async () => {
    await using setting = await start();
    const digest = setting.upstream.addBlob(path, largeBlob);
    const longer = Buffer.concat([largeBlob, largeBlob]);
    for (const bytes of [longer, largeBlob.subarray(0, 200_000)]) {
      setting.upstream.intercept = forBlob(path, digest, () => new Response(Uint8Array.from(bytes)));
      const answer = await setting.get(`${path}/blobs/${digest}`);
      // It may be known before the first byte.
      if (answer.status === 200) await expect(answer.bytes()).rejects.toThrow();
      else expect(answer.status).toBe(503);
    }
    expect(await setting.held()).toEqual([]);
  });

  test('on the wire: the connection is broken off, so that no client takes what it has for the whole', async () => {
    await using stack = new AsyncDisposableStack();
    const upstream = stack.use(new FakeRegistry());
    const fixture = stack.use(await HubFixture.create());
    const config = testHubConfig(
      { data: `${fixture.directory}/served`, listen: '127.0.0.1:0' },
      { CAIS_HUB_UPSTREAM: `http://${upstream.host}` },
    );
    const hub = stack.use(await createHub(config, { self: testSelf, log: createLog('hub', 'silent') }));
    const { url } = stack.use(serveHub(hub, config.listen));
    const digest = upstream.addBlob(path, largeBlob);
    upstream.intercept = forBlob(path, digest, () => new Response(largeBlob.map((byte) => byte ^ 1)));
    const answer = await fetch(`${url}/token?scope=repository:${path}:pull`);
    const { token } = (await answer.json()) as { token: string };
    const target = `${url}/v2/${path}/blobs/${digest}`;
    const argv = ['curl', '-sS', '--output', '/dev/null', '-H', `Authorization: Bearer ${token}`, target];
    const client = Bun.spawn(argv, { stdio: ['ignore', 'ignore', 'pipe'] });
    expect(await client.exited).not.toBe(0);
  });

  test('with a manifest without an end: no more of it is read than a manifest may have', async () => {
    await using setting = await start();
    let sent = 0;
    setting.upstream.intercept = (_request, line) =>
      line.includes('/manifests/')
        ? new Response(
            new ReadableStream({
              pull(controller) {
                sent += 65_536;
                controller.enqueue(new Uint8Array(65_536).fill(32));
              },
            }),
            { headers: { 'Content-Type': mediaTypes.ociManifest } },
          )
        : undefined;
    expect((await setting.get(`${path}/manifests/latest`)).status).toBe(503);
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });
});

describe('an upstream that breaks off', () => {
  test('is asked for the rest', async () => {
    await using setting = await start();
    const digest = setting.upstream.addBlob(path, largeBlob);
    setting.upstream.intercept = forBlob(path, digest, (request) =>
      request.headers.has('Range') ? undefined : cutOff(largeBlob.slice(0, 150_000)),
    );
    expect(digestOf(await setting.blob(path, digest))).toBe(digest);
  });

  test('again and again at its first byte: it is an error', async () => {
    await using setting = await start();
    const digest = setting.upstream.addBlob(path, largeBlob);
    setting.upstream.intercept = forBlob(path, digest, () => new Response(null, { status: 502 }));
    const answer = await setting.get(`${path}/blobs/${digest}`);
    expect([answer.status, await codesOf(answer)]).toEqual([503, ['UNAVAILABLE']]);
  });
});

describe('an upstream that refuses', () => {
  test('with 429 is left alone as long as it says; what is known of it is given, and said to be old', async () => {
    await using setting = await start();
    const { manifest } = setting.upstream.addImage(path, 'latest', [layer]);
    expect((await setting.get(`${path}/manifests/latest`)).headers.get('Warning')).toBeNull();
    setting.upstream.intercept = () =>
      wireError(429, 'TOOMANYREQUESTS', 'pull rate limit', { 'Retry-After': '600' });
    const old = await setting.get(`${path}/manifests/latest`);
    expect([old.status, old.headers.get('Docker-Content-Digest')]).toEqual([200, manifest]);
    expect(old.headers.get('Warning')).toStartWith('110 ');
    const asked = setting.upstream.requests.length;
    const refused = await setting.get(`${path}/manifests/unknown`);
    expect([refused.status, await codesOf(refused)]).toEqual([429, ['TOOMANYREQUESTS']]);
    expect(Number(refused.headers.get('Retry-After'))).toBeWithin(500, 601);
    expect(setting.upstream.requests.length).toBe(asked);
  });

  test('soon, as its limit tells: a tag that has moved is given as it was', async () => {
    await using setting = await start();
    const before = setting.upstream.addImage(path, 'latest', [layer]);
    await setting.get(`${path}/manifests/latest`);
    const after = setting.upstream.addImage(path, 'latest', [largeBlob]);
    setting.upstream.intercept = async (_request, line) =>
      line.startsWith('HEAD')
        ? new Response(null, {
            headers: {
              'Content-Type': mediaTypes.ociManifest,
              'Docker-Content-Digest': after.manifest,
              'RateLimit-Remaining': '0;w=21600',
            },
          })
        : undefined;
    const found = await setting.get(`${path}/manifests/latest`);
    expect(found.headers.get('Docker-Content-Digest')).toBe(before.manifest);
    expect(found.headers.get('Warning')).toStartWith('110 ');
  });

  test('with 500: what is known of it is given, anything else is an error that says so', async () => {
    await using setting = await start();
    const { manifest } = setting.upstream.addImage(path, 'latest', [layer]);
    await setting.get(`${path}/manifests/latest`);
    setting.upstream.intercept = () => new Response('oh', { status: 500 });
    expect((await setting.get(`${path}/manifests/latest`)).headers.get('Docker-Content-Digest')).toBe(
      manifest,
    );
    const other = await setting.get(`${path}/manifests/other`);
    expect([other.status, await other.text()]).toEqual([503, expect.stringContaining('docker.io answers')]);
  });

  test('a tag that it had: the tag is gone here as well', async () => {
    await using setting = await start();
    setting.upstream.addImage(path, 'latest', [layer]);
    await setting.get(`${path}/manifests/latest`);
    setting.upstream.manifests.clear();
    expect((await setting.get(`${path}/manifests/latest`)).status).toBe(404);
    await setting.upstream[Symbol.asyncDispose]();
    expect((await setting.get(`${path}/manifests/latest`)).status).not.toBe(200);
  });
});

describe('an upstream that is gone', () => {
  test('is no matter for what is here; tags are said to be old, and what is not here is an error', async () => {
    await using setting = await start();
    const { manifest, config } = setting.upstream.addImage(path, 'latest', [layer]);
    await setting.get(`${path}/manifests/latest`);
    await setting.blob(path, config);
    await setting.upstream[Symbol.asyncDispose]();
    const found = await setting.get(`${path}/manifests/latest`);
    expect([found.status, found.headers.get('Warning')]).toEqual([200, '110 - "Response is Stale"']);
    expect((await setting.get(`${path}/manifests/${manifest}`)).headers.get('Warning')).toBeNull();
    expect(digestOf(await setting.blob(path, config))).toBe(config);
    const other = await setting.get(`${path}/manifests/other`);
    expect([other.status, await other.text()]).toEqual([
      503,
      expect.stringContaining('docker.io cannot be reached'),
    ]);
  });

  test('and never was there, as on a machine without network: what the hub has not is not found, and at once', async () => {
    await using setting = await start();
    await setting.upstream[Symbol.asyncDispose]();
    for (const rest of ['manifests/latest', `blobs/${digestOf('a blob')}`, 'tags/list']) {
      const answer = await setting.get(`${path}/${rest}`);
      expect([answer.status, await answer.text()]).toEqual([
        404,
        expect.stringContaining('not on this hub, and docker.io cannot be reached'),
      ]);
    }
  });
});
