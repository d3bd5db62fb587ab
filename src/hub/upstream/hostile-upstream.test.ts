/** An upstream registry that is somebody's weapon: against the hub's network, its memory, and those who pull from it. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { type Intercept, wireError } from '../../../tests/support/fake-registry.ts';
import { largeBlob, startHubWithUpstream } from '../../../tests/support/hub-with-upstream.ts';
import { digestOf } from '../../oci/image/digest.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';
import { bodyOf } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const path = 'library/debian';
const layer = crypto.getRandomValues(new Uint8Array(60_000));
const start = () => startHubWithUpstream({ CAIS_HUB_UPSTREAM_AGE: '0' });

const endless = (): ReadableStream<Uint8Array> =>
  new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536).fill(32)) });

describe('an upstream does not lead the hub', () => {
  const metadata = 'http://169.254.169.254/latest/meta-data/iam';

  test('to what only this machine reaches, by a redirect', async () => {
    await using setting = await start();
    const digest = setting.upstream.addBlob(path, layer);
    setting.upstream.intercept = (_request, line) =>
      line.startsWith('GET') ? Response.redirect(metadata, 307) : undefined;
    for (const rest of ['manifests/latest', `blobs/${digest}`, 'tags/list']) {
      const answer = await setting.get(`${path}/${rest}`);
      expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining('does not follow')]);
    }
  });

  test('there for a token, which it would be shown', async () => {
    await using setting = await start();
    setting.upstream.addImage(path, 'latest', [layer]);
    setting.upstream.intercept = () =>
      wireError(401, 'UNAUTHORIZED', 'authentication required', {
        'WWW-Authenticate': `Bearer realm="${metadata}",service="fake"`,
      });
    const answer = await setting.get(`${path}/manifests/latest`);
    expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining('does not follow')]);
    for (const headers of setting.upstream.headers) expect(headers.get('Authorization')).toBeNull();
  });

  test('there by a redirect of its token server', async () => {
    await using setting = await start();
    setting.upstream.addImage(path, 'latest', [layer]);
    setting.upstream.intercept = (request) =>
      request.url.includes('/token')
        ? Response.redirect(metadata, 302)
        : wireError(401, 'UNAUTHORIZED', 'authentication required', {
            'WWW-Authenticate': `Bearer realm="http://${setting.upstream.host}/token",service="fake"`,
          });
    expect((await setting.get(`${path}/manifests/latest`)).status).toBe(503);
  });

  test('round and round', async () => {
    await using setting = await start();
    setting.upstream.intercept = (request) => Response.redirect(request.url, 307);
    expect((await setting.get(`${path}/manifests/latest`)).status).toBe(503);
    expect(setting.upstream.requests.length).toBeLessThan(20);
  });
});

describe('an upstream does not fill the hub', () => {
  test.each<[string, Intercept]>([
    ['an error', () => new Response(endless(), { status: 500 })],
    ['a refusal', () => new Response(endless(), { status: 401 })],
    ['a list of tags', () => new Response(endless())],
    [
      'a token',
      (request) =>
        request.url.includes('/token')
          ? new Response(endless())
          : wireError(401, 'UNAUTHORIZED', 'authentication required', {
              'WWW-Authenticate': `Bearer realm="${new URL(request.url).origin}/token"`,
            }),
    ],
  ])('with %s that has no end', async (_what, intercept) => {
    await using setting = await start();
    setting.upstream.intercept = intercept;
    for (const rest of ['manifests/latest', 'tags/list', `blobs/${digestOf('a blob')}`])
      expect((await setting.get(`${path}/${rest}`)).status).toBeGreaterThanOrEqual(404);
  });

  test('with headers', async () => {
    await using setting = await start();
    setting.upstream.intercept = () =>
      new Response(null, { headers: Object.fromEntries(many(2000, (at) => [`X-${at}`, 'a'.repeat(1000)])) });
    expect((await setting.get(`${path}/manifests/latest`)).status).toBeGreaterThanOrEqual(404);
    setting.upstream.intercept = () => new Response(null, { headers: { 'X-Long': 'a'.repeat(4_000_000) } });
    expect((await setting.get(`${path}/manifests/other`)).status).toBeGreaterThanOrEqual(404);
  });

  test('with what it says is wrong, which people have to read', async () => {
    await using setting = await start();
    setting.upstream.intercept = () => wireError(500, 'UNKNOWN', 'x'.repeat(60_000));
    expect((await (await setting.get(`${path}/manifests/latest`)).text()).length).toBeLessThan(2000);
  });
});

describe('an upstream does not deceive those who pull', () => {
  test('by a compression that the digest does not count', async () => {
    await using setting = await start();
    const { manifest } = setting.upstream.addImage(path, 'latest', [layer]);
    const digest = setting.upstream.addBlob(path, largeBlob);
    const stored = setting.upstream.manifests.get(`${path}:latest`)?.bytes ?? new Uint8Array();
    setting.upstream.intercept = (request, line) =>
      request.method === 'GET'
        ? new Response(Bun.gzipSync(Uint8Array.from(line.includes('/blobs/') ? largeBlob : stored)), {
            headers: { 'Content-Encoding': 'gzip', 'Content-Type': mediaTypes.ociManifest },
          })
        : undefined;
    for (const rest of ['manifests/latest', `manifests/${manifest}`])
      expect((await setting.get(`${path}/${rest}`)).status).toBe(503);
    const blob = await setting.get(`${path}/blobs/${digest}`);
    if (blob.status === 200) await expect(blob.bytes()).rejects.toThrow();
    else expect(blob.status).toBe(503);
    expect(await setting.held()).toEqual([]);
  });

  test.each([
    ['a type that no manifest has', { 'Content-Type': 'text/html', 'Content-Length': '400' }],
    [
      'a size that none may have',
      { 'Content-Type': mediaTypes.ociManifest, 'Content-Length': '999999999999999' },
    ],
  ])('by telling %s', async (_what, headers) => {
    await using setting = await start();
    const { manifest } = setting.upstream.addImage(path, 'latest', [layer]);
    const { bytes } = setting.upstream.manifests.get(`${path}:latest`) ?? expect.unreachable();
    setting.upstream.intercept = (request) =>
      request.method === 'HEAD'
        ? new Response(null, { headers: { ...headers, 'Docker-Content-Digest': manifest } })
        : undefined;
    const told = (await setting.head(`${path}/manifests/latest`)).headers;
    expect(told.get('Content-Type')).toBe(mediaTypes.ociManifest);
    expect(told.get('Content-Length')).toBe(String(bytes.byteLength));
  });

  test('by tags that are none', async () => {
    await using setting = await start();
    setting.upstream.intercept = () =>
      Response.json({ name: path, tags: ['good', '\u001B[2J', '../../x', 'a b', 5, null, 'x'.repeat(200)] });
    expect(await bodyOf(await setting.get(`${path}/tags/list`))).toEqual({ name: path, tags: ['good'] });
  });

  test('by a blob that is another repository’s, or longer than any cache', async () => {
    await using setting = await start();
    setting.upstream.intercept = (request) =>
      request.method === 'HEAD'
        ? new Response(null, { headers: { 'Content-Length': '999999999999999' } })
        : undefined;
    const answer = await setting.get(`${path}/blobs/${digestOf('long')}`);
    expect(answer.status).toBe(403);
    expect(setting.upstream.count('GET')).toBe(0);
  });
});

test.each([
  'library/../secret',
  'library/%2e%2e/secret',
  'library%2F..%2Fsecret',
  'ghcr.io/%2e%2e/secret',
  'ghcr.io/..%2fsecret',
  'library/a%3fb',
  'library/a%23b',
  'library/a@b',
  'library//a',
  'docker.io/library/a',
  '169.254.169.254/a/b',
  'library/A',
])('%p is no name that an upstream is asked for', async (name) => {
  await using setting = await start();
  const { hub } = setting;
  const token = await hub.token(undefined, 'repository:library/a:pull');
  const answer = await hub.send('GET', `/v2/${name}/manifests/latest`, { token });
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(setting.upstream.requests).toEqual([]);
});

function many<T>(count: number, make: (at: number) => T): T[] {
  return Array.from({ length: count }, (_, at) => make(at));
}
