/** Images of an upstream registry through the hub: fetched once, kept, looked at again; and names that are the hub's alone. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { wireError } from '../../../tests/support/fake-registry.ts';
import { eventually } from '../../../tests/support/eventually.ts';
import { type Digest, digestOf } from '../../oci/image/digest.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';
import { bodyOf, codesOf } from '../testing/hub-fixture.ts';
import { type HubWithUpstream, startHubWithUpstream } from '../../../tests/support/hub-with-upstream.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const layer = new TextEncoder().encode('a layer'.repeat(40_000));

const start = (settings: Record<string, string> = {}): Promise<HubWithUpstream> =>
  startHubWithUpstream(settings, 'root1', 'alice');

describe('a name that the hub does not have', () => {
  test('is pulled from upstream the first time, and out of the cache from then on', async () => {
    await using setting = await start();
    const image = setting.upstream.addImage('library/debian', 'latest', [layer]);
    expect(await setting.pull('library/debian', 'latest')).toBe(image.manifest);
    const asked = setting.upstream.requests.length;
    expect(await setting.pull('library/debian', 'latest')).toBe(image.manifest);
    expect(setting.upstream.requests.length).toBe(asked);
    expect(setting.upstream.count('GET /v2/library/debian/blobs/')).toBe(2);
  });

  test('is of another registry by its prefix, and for a mirror by ?ns=', async () => {
    await using setting = await start();
    const image = setting.upstream.addImage('owner/name', '1', [layer]);
    expect(await setting.pull('ghcr.io/owner/name', '1')).toBe(image.manifest);
    const asked = setting.upstream.requests.length;
    const mirrored = await setting.head('owner/name/manifests/1?ns=ghcr.io');
    expect(mirrored.headers.get('Docker-Content-Digest')).toBe(image.manifest);
    expect(setting.upstream.requests.length).toBe(asked);
    expect((await setting.head('owner/name/manifests/1?ns=docker.io')).status).toBe(200);
    expect((await setting.head('owner/name/manifests/1?ns=quay.example')).status).toBe(401);
  });

  test('is not there when upstream has it not, nor when only an account of upstream may see it', async () => {
    await using setting = await start();
    const absent = await setting.get('library/absent/manifests/latest');
    expect([absent.status, await codesOf(absent)]).toEqual([404, ['MANIFEST_UNKNOWN']]);
    setting.upstream.intercept = () => wireError(401, 'UNAUTHORIZED', 'authentication required');
    const hidden = await setting.get('someone/hidden/manifests/latest');
    expect([hidden.status, await codesOf(hidden)]).toEqual([404, ['MANIFEST_UNKNOWN']]);
  });

  test('is asked about once however many ask, and a HEAD fetches nothing', async () => {
    await using setting = await start();
    const image = setting.upstream.addImage('library/debian', 'latest', [layer]);
    const path = 'library/debian/manifests/latest';
    const heads = await Promise.all(Array.from({ length: 20 }, () => setting.head(path)));
    expect(new Set(heads.map(({ headers }) => headers.get('Docker-Content-Digest')))).toEqual(
      new Set([image.manifest]),
    );
    expect(setting.upstream.requests.filter((line) => line.includes('/manifests/'))).toEqual([
      'HEAD /v2/library/debian/manifests/latest',
    ]);
  });

  test('has a size also where upstream does not tell it without the manifest', async () => {
    await using setting = await start();
    const { manifest } = setting.upstream.addImage('library/debian', 'latest', [layer]);
    setting.upstream.intercept = (request) =>
      request.method === 'HEAD'
        ? new Response(null, {
            headers: { 'Docker-Content-Digest': manifest, 'Content-Type': mediaTypes.ociManifest },
          })
        : undefined;
    const { headers } = await setting.head('library/debian/manifests/latest');
    expect(Number(headers.get('Content-Length'))).toBeGreaterThan(100);
  });

  test('gives parts of a blob, and an answer to who has it already', async () => {
    await using setting = await start();
    const digest = setting.upstream.addBlob('library/debian', layer);
    const path = `library/debian/blobs/${digest}`;
    for (const when of ['not here yet', 'here']) {
      const part = await setting.get(path, { Range: 'bytes=5-9' });
      expect([when, part.status, await part.bytes()]).toEqual([when, 206, layer.slice(5, 10)]);
      await eventually(async () => expect((await setting.get(path)).status).toBe(200));
    }
    expect((await setting.get(path, { 'If-None-Match': `"${digest}"` })).status).toBe(304);
  });

  test('lists the tags that upstream has, and while it is away those that were pulled', async () => {
    await using setting = await start();
    for (const tag of ['1', '2']) setting.upstream.addImage('library/debian', tag, [layer]);
    await setting.pull('library/debian', '2');
    const list = async (): Promise<unknown> => bodyOf(await setting.get('library/debian/tags/list'));
    expect(await list()).toEqual({ name: 'library/debian', tags: ['1', '2'] });
    setting.upstream.intercept = () => new Response(null, { status: 503 });
    expect(await list()).toEqual({ name: 'library/debian', tags: ['2'] });
  });

  test('is not taken when the lists of patterns say so', async () => {
    await using setting = await start({
      CAIS_HUB_UPSTREAM_ALLOW: 'docker.io/library/* ghcr.io/**',
      CAIS_HUB_UPSTREAM_DENY: 'ghcr.io/evil/**',
    });
    for (const name of ['library/debian', 'someone/app', 'owner/name', 'evil/deep/name'])
      setting.upstream.addImage(name, '1', [layer]);
    const status = async (name: string): Promise<number> =>
      (await setting.head(`${name}/manifests/1`)).status;
    expect(await status('library/debian')).toBe(200);
    expect(await status('ghcr.io/owner/name')).toBe(200);
    const asked = setting.upstream.requests.length;
    expect(await status('someone/app')).toBe(401);
    expect(await status('ghcr.io/evil/deep/name')).toBe(401);
    expect(setting.upstream.requests.length).toBe(asked);
  });

  test('is in no list of the hub: neither catalog, nor search, nor pages', async () => {
    await using setting = await start();
    setting.upstream.addImage('library/debian', 'latest', [layer]);
    await setting.pull('library/debian', 'latest');
    const token = await setting.hub.token('root1', 'registry:catalog:*');
    const catalog = await setting.hub.send('GET', '/v2/_catalog', { token });
    expect(await bodyOf(catalog)).toEqual({ repositories: [] });
    expect((await setting.hub.send('GET', '/v2/repositories/library/debian/')).status).toBe(404);
    const found = await setting.hub.send('GET', '/v2/search/repositories/?query=debian');
    expect(await bodyOf(found)).toMatchObject({ count: 0 });
  });
});

describe('a name that the hub has', () => {
  /** What upstream has under it is never shown, and not even asked for. */
  async function expectOwn(
    setting: HubWithUpstream,
    name: string,
    tag: string,
    statuses: readonly number[],
  ): Promise<void> {
    setting.upstream.addImage(name, tag, [layer]);
    const asked = setting.upstream.requests.length;
    for (const reference of [tag, setting.upstream.addImage(name, tag, [layer]).manifest]) {
      const response = await setting.get(`${name}/manifests/${reference}`);
      expect([name, statuses.includes(response.status)]).toEqual([name, true]);
    }
    expect(setting.upstream.requests.length).toBe(asked);
  }

  test('is never taken from upstream: public, private, deleted, moved, or only begun', async () => {
    await using setting = await start();
    const { hub } = setting;
    const session = await hub.session('root1');
    for (const name of ['mine', 'private', 'gone', 'old'])
      await hub.pushImage('root1', `library/${name}`, 'x', name);
    const moved = await hub.send('POST', '/v2/repositories/library/old/move/', {
      token: session,
      body: { name: 'new' },
    });
    expect(moved.status).toBe(200);
    for (const name of ['private', 'new']) {
      const body = { is_private: true };
      const path = `/v2/repositories/library/${name}/`;
      expect((await hub.send('PATCH', path, { token: session, body })).status).toBe(200);
    }
    expect((await hub.send('DELETE', '/v2/repositories/library/gone/', { token: session })).status).toBe(202);
    const token = await hub.fullToken('root1', 'library/begun');
    await hub.pushBlob(token, 'library/begun', 'first blob of a push');
    for (const name of ['mine', 'private', 'gone', 'begun', 'new', 'old'])
      await expectOwn(setting, `library/${name}`, 'latest', [401, 404]);
  });

  test('is whatever is below the name of an account, also when the account is gone', async () => {
    await using setting = await start();
    await expectOwn(setting, 'alice/app', 'latest', [401]);
    await expectOwn(setting, 'alice/deep/app', 'latest', [401]);
    await using parts = await setting.hub.openParts();
    await parts.accounts.remove('alice');
    await expectOwn(setting, 'alice/app', 'latest', [401]);
  });

  test('takes the place of what was taken from upstream before', async () => {
    await using setting = await start();
    setting.upstream.addImage('library/tool', 'latest', [layer]);
    setting.upstream.addImage('carol/app', 'latest', [layer]);
    await setting.pull('library/tool', 'latest');
    await setting.pull('carol/app', 'latest');
    const pushed = await setting.hub.pushImage('root1', 'library/tool', 'latest', 'our own');
    expect(await setting.pull('library/tool', 'latest')).toBe(pushed.digest);
    await setting.hub.send('POST', '/v2/users/signup/', {
      body: { username: 'carol', email: 'c@hub.test', password: 'correct horse battery' },
    });
    expect((await setting.get('carol/app/manifests/latest')).status).toBe(401);
  });

  test('and hides is as if upstream had it not', async () => {
    await using setting = await start();
    const { hub } = setting;
    setting.upstream.intercept = () =>
      wireError(404, 'NAME_UNKNOWN', 'repository name not known to registry');
    const image = await hub.pushImage('root1', 'library/private', 'latest');
    await hub.send('PATCH', '/v2/repositories/library/private/', {
      token: await hub.session('root1'),
      body: { is_private: true },
    });
    const answers = async (name: string): Promise<readonly unknown[]> =>
      Promise.all(
        ['manifests/latest', `blobs/${image.layer}`, 'tags/list', `referrers/${image.digest}`].map(
          async (rest) => {
            const response = await setting.get(`library/${name}/${rest}`);
            return [response.status, (await response.text()).replaceAll(name, 'NAME')];
          },
        ),
      );
    expect(await answers('private')).toEqual(await answers('absent'));
    const token = await hub.token('root1', 'repository:library/private:pull');
    expect((await hub.send('GET', '/v2/library/private/manifests/latest', { token })).status).toBe(200);
  });
});

describe('bytes that the hub knows from elsewhere', () => {
  test('are not given to who only names them: upstream has to have them in that repository', async () => {
    await using setting = await start();
    const { hub, upstream } = setting;
    const secret = await hub.pushBlob(
      await hub.fullToken('alice', 'alice/secret'),
      'alice/secret',
      'a secret',
    );
    expect((await setting.get(`someone/app/blobs/${secret}`)).status).toBe(404);
    // A manifest that names them is not enough.
    upstream.addManifest('someone/app', 'latest', 'application/vnd.oci.image.manifest.v1+json', {
      schemaVersion: 2,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: secret, size: 8 },
      layers: [],
    });
    expect((await setting.get('someone/app/manifests/latest')).status).toBe(200);
    expect((await setting.get(`someone/app/blobs/${secret}`)).status).toBe(404);
  });

  test('of the cache are mounted by a push, and need not be sent', async () => {
    await using setting = await start();
    const { hub, upstream } = setting;
    const image = upstream.addImage('library/debian', 'latest', [layer]);
    await setting.pull('library/debian', 'latest');
    // A client has the end of a blob before the cache has.
    await eventually(async () => expect(await setting.held()).toContain(image.config));
    const token = await hub.token(
      'alice',
      'repository:alice/app:pull,push',
      'repository:library/debian:pull',
    );
    const mount = async (digest: Digest): Promise<number> =>
      (await hub.send('POST', `/v2/alice/app/blobs/uploads/?mount=${digest}&from=library/debian`, { token }))
        .status;
    expect(await mount(image.config)).toBe(201);
    expect(await mount(digestOf('another'))).toBe(202);
  });
});
