/** A private repository answers everybody else exactly as one that doesn't exist. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { digestOf } from '../../oci/image/digest.ts';
import { codesOf, HubFixture, origin } from '../testing/hub-fixture.ts';
import { createSecretRepository, expectSame, registryTokens } from '../testing/secret-repository.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

describe('a private repository looks like an absent one', () => {
  test('to every route, with every token that others can get, and with tokens that reach elsewhere', async () => {
    await using secret = await createSecretRepository();
    const { hub, image } = secret;
    const upload = '00000000-0000-0000-0000-000000000000';
    const paths = [
      '/v2/alice/NAME/manifests/latest',
      `/v2/alice/NAME/manifests/${image.digest}`,
      `/v2/alice/NAME/manifests/${digestOf('no such manifest')}`,
      `/v2/alice/NAME/blobs/${image.layer}`,
      `/v2/alice/NAME/blobs/${digestOf('no such blob')}`,
      '/v2/alice/NAME/tags/list',
      '/v2/alice/NAME/tags/list?n=1&last=a',
      `/v2/alice/NAME/referrers/${image.digest}`,
      '/v2/alice/NAME/blobs/uploads/',
      `/v2/alice/NAME/blobs/uploads/?mount=${image.layer}&from=alice/app`,
      `/v2/alice/NAME/blobs/uploads/${upload}`,
    ];
    for (const [who, token] of Object.entries(await registryTokens(hub))) {
      for (const path of paths) {
        for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'POST', 'DELETE']) {
          expect([401, 405]).toContain(await expectSame(hub, who, method, path, { token }));
        }
      }
    }
  });

  test('as the source of a mount: the blob has to be sent', async () => {
    await using secret = await createSecretRepository();
    const { hub, image } = secret;
    const token = await hub.token('bob', 'repository:bob/app:pull,push', 'repository:alice/secret:pull');
    for (const digest of [image.layer, digestOf('no such blob')]) {
      for (const from of ['alice/secret', 'alice/absent']) {
        const path = `/v2/bob/app/blobs/uploads/?mount=${digest}&from=${from}`;
        const response = await hub.send('POST', path, { token });
        expect(response.status).toBe(202);
        expect(await response.text()).toBe('');
      }
    }
    expect((await hub.send('HEAD', `/v2/bob/app/blobs/${image.layer}`, { token })).status).toBe(404);
    const manifest = await hub.putManifest(token, 'bob/app', 'latest', image.bytes);
    expect(await codesOf(manifest)).toContain('MANIFEST_BLOB_UNKNOWN');
  });

  test('to the catalog, page by page', async () => {
    await using secret = await createSecretRepository();
    const { hub } = secret;
    await hub.pushImage('alice', 'alice/app', 'latest');
    await hub.pushImage('bob', 'bob/app', 'latest');
    const list = async (name: string | undefined, query: string): Promise<unknown> => {
      const token = await hub.token(name, 'registry:catalog:*');
      const response = await hub.send('GET', `/v2/_catalog${query}`, { token });
      return [
        ((await response.json()) as { repositories: unknown }).repositories,
        response.headers.get('Link'),
      ];
    };
    expect((await hub.send('GET', '/v2/_catalog')).status).toBe(401);
    expect(await list(undefined, '')).toEqual([['alice/app', 'bob/app'], null]);
    expect(await list('root1', '')).toEqual([['alice/app', 'bob/app'], null]);
    expect(await list('alice', '')).toEqual([['alice/app', 'alice/secret', 'bob/app'], null]);
    expect(await list('bob', '?n=1')).toEqual([
      ['alice/app'],
      '</v2/_catalog?n=1&last=alice%2Fapp>; rel="next"',
    ]);
    expect(await list('bob', '?n=1&last=alice/app')).toEqual([['bob/app'], null]);
    const huge = await hub.send('GET', '/v2/_catalog?n=2147483647', {
      token: await hub.token('bob', 'registry:catalog:*'),
    });
    expect(huge.status).toBe(200);
  });

  test('but not to its owner, who pulls, lists and finds it', async () => {
    await using secret = await createSecretRepository();
    const { hub } = secret;
    const token = await hub.fullToken('alice', 'alice/secret');
    expect((await hub.send('GET', '/v2/alice/secret/manifests/latest', { token })).status).toBe(200);
    const session = await hub.session('alice');
    const found = await hub.send('GET', '/v1/search?q=plan', { token: session });
    expect(((await found.json()) as { num_results: number }).num_results).toBe(1);
    expect(
      (await hub.send('GET', `${origin}/v2/repositories/alice/secret/`, { token: session })).status,
    ).toBe(200);
  });

  test('from the moment that it is made private, whatever token was given before', async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    await hub.pushImage('alice', 'alice/app', 'latest');
    const token = await hub.token('bob', 'repository:alice/app:pull');
    expect((await hub.send('GET', '/v2/alice/app/manifests/latest', { token })).status).toBe(200);
    const session = await hub.session('alice');
    await hub.send('PATCH', '/v2/repositories/alice/app/', { token: session, body: { is_private: true } });
    expect((await hub.send('GET', '/v2/alice/app/manifests/latest', { token })).status).toBe(401);
    expect((await hub.send('GET', '/v2/repositories/alice/app/')).status).toBe(404);
  });
});

describe('a public repository', () => {
  test('is pulled by anybody and pushed to by its owner alone', async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    const image = await hub.pushImage('alice', 'alice/app', 'latest');
    const anonymous = await hub.token(undefined, 'repository:alice/app:pull,push');
    const bob = await hub.fullToken('bob', 'alice/app');
    for (const token of [anonymous, bob]) {
      expect((await hub.send('GET', '/v2/alice/app/manifests/latest', { token })).status).toBe(200);
      expect((await hub.putManifest(token, 'alice/app', 'latest', image.bytes)).status).toBe(401);
      expect((await hub.send('POST', '/v2/alice/app/blobs/uploads/', { token })).status).toBe(401);
      expect((await hub.send('DELETE', '/v2/alice/app/manifests/latest', { token })).status).toBe(401);
    }
  });

  test('official images are pushed by an administrator alone', async () => {
    await using hub = await HubFixture.create('admin1', 'alice');
    const alice = await hub.fullToken('alice', 'library/tool');
    expect((await hub.send('POST', '/v2/library/tool/blobs/uploads/', { token: alice })).status).toBe(401);
    await hub.pushImage('admin1', 'library/tool', 'latest');
    expect((await hub.send('GET', '/v2/repositories/library/tool/')).status).toBe(200);
  });
});
