/** What the hub is to an upstream registry stays between the two: it opens nothing for others, and is told to nobody else. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FakeRegistry, type Intercept, wireError } from '../../../tests/support/fake-registry.ts';
import { digestOf } from '../../oci/image/digest.ts';
import { HubFixture } from '../testing/hub-fixture.ts';
import { type HubWithUpstream, startHubWithUpstream } from '../../../tests/support/hub-with-upstream.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const path = 'library/debian';
const layer = new TextEncoder().encode('a layer of it');

describe('credentials of an upstream', () => {
  /** @returns a setting whose upstream wants a password, and gives tokens for it. */
  async function startSigned(): Promise<HubWithUpstream> {
    const files = await HubFixture.create();
    const file = join(files.directory, 'upstreams.json');
    const secret = { username: 'robot', password: 'a secret of upstream' };
    await writeFile(file, JSON.stringify({ upstreams: { 'docker.io': secret } }), { mode: 0o600 });
    const setting = await startHubWithUpstream({ CAIS_HUB_UPSTREAM_FILE: file });
    return {
      ...setting,
      async [Symbol.asyncDispose]() {
        await setting[Symbol.asyncDispose]();
        await files[Symbol.asyncDispose]();
      },
    };
  }

  /** Asks for a token, which `open` gives without a password and `mine` with one. */
  const guarded =
    (upstream: FakeRegistry, isPublic: boolean): Intercept =>
    (request) => {
      const url = new URL(request.url);
      const header = request.headers.get('Authorization');
      if (url.pathname === '/token') {
        return Response.json({ token: header?.startsWith('Basic ') ? 'mine' : 'open' });
      }
      if (header === 'Bearer mine' || (header === 'Bearer open' && isPublic)) return undefined;
      return wireError(401, 'UNAUTHORIZED', 'authentication required', {
        'WWW-Authenticate': `Bearer realm="http://${upstream.host}/token",service="fake"`,
      });
    };

  test('are used for what everybody may pull, and open nothing else', async () => {
    await using setting = await startSigned();
    const { manifest } = setting.upstream.addImage(path, 'latest', [layer]);
    setting.upstream.intercept = guarded(setting.upstream, false);
    expect((await setting.get(`${path}/manifests/latest`)).status).toBe(404);
    expect((await setting.get(`${path}/manifests/${manifest}`)).status).toBe(404);
    expect(await setting.held()).toEqual([]);
    setting.upstream.intercept = guarded(setting.upstream, true);
    expect((await setting.get(`${path}/manifests/${manifest}`)).status).toBe(200);
    const fetched = setting.upstream.headers.findLast(
      (_headers, index) => setting.upstream.requests[index]?.startsWith('GET /v2/') === true,
    );
    expect(fetched?.get('Authorization')).toBe('Bearer mine');
  });

  test('do not follow to another host', async () => {
    await using setting = await startSigned();
    await using elsewhere = new FakeRegistry();
    const { manifest } = setting.upstream.addImage(path, 'latest', [layer]);
    const digest = setting.upstream.addBlob(path, layer);
    elsewhere.intercept = () => new Response(layer);
    const answer = guarded(setting.upstream, true);
    setting.upstream.intercept = async (request, line) =>
      (await answer(request, line)) ??
      (line.startsWith('GET') && line.includes('/blobs/')
        ? Response.redirect(`http://${elsewhere.host}/somewhere`, 307)
        : undefined);
    expect((await setting.get(`${path}/manifests/${manifest}`)).status).toBe(200);
    expect(digestOf(await setting.blob(path, digest))).toBe(digest);
    expect(elsewhere.requests.length).toBe(1);
    expect(elsewhere.headers.map((headers) => headers.get('Authorization'))).toEqual([null]);
  });

  test('are for no token server but its own', async () => {
    await using setting = await startSigned();
    setting.upstream.addImage(path, 'latest', [layer]);
    setting.upstream.intercept = () =>
      wireError(401, 'UNAUTHORIZED', 'authentication required', {
        'WWW-Authenticate': 'Bearer realm="http://thief.example/token",service="fake"',
      });
    expect((await setting.get(`${path}/manifests/latest`)).status).not.toBe(200);
    for (const headers of setting.upstream.headers) expect(headers.get('Authorization')).toBeNull();
  });
});
