/** A private repository answers everybody else exactly as one that doesn't exist. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { digestOf } from '../../oci/image/digest.ts';
import { fingerprint, HubFixture, origin, type PushedImage } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(60_000);

async function withSecret(): Promise<{ hub: HubFixture; image: PushedImage }> {
  // The administrator is a third one: even they see nothing.
  const hub = await HubFixture.create('root1', 'alice', 'bob');
  await hub.send('POST', '/v2/repositories/', {
    token: await hub.session('alice'),
    body: { namespace: 'alice', name: 'secret', is_private: true, description: 'the secret plan' },
  });
  return { hub, image: await hub.pushImage('alice', 'alice/secret', 'latest') };
}

/** The same question about the private repository and about one of a name as long that isn't there. */
function bothNames(text: string): [string, string] {
  return [text.replaceAll('NAME', 'secret'), text.replaceAll('NAME', 'absent')];
}

describe('a private repository looks like an absent one', () => {
  test('to every route of the registry, with every token that others can get', async () => {
    const { hub, image } = await withSecret();
    await using _ = hub;
    const paths = [
      '/v2/alice/NAME/manifests/latest',
      `/v2/alice/NAME/manifests/${image.digest}`,
      `/v2/alice/NAME/blobs/${image.layer}`,
      `/v2/alice/NAME/blobs/${digestOf('no such blob')}`,
      '/v2/alice/NAME/tags/list',
      `/v2/alice/NAME/referrers/${image.digest}`,
      '/v2/alice/NAME/blobs/uploads/',
      '/v2/alice/NAME/blobs/uploads/00000000-0000-0000-0000-000000000000',
    ];
    const scopes = ['repository:alice/secret:pull,push,delete', 'repository:alice/absent:*'];
    const tokens = [
      undefined,
      'not a token',
      await hub.token(undefined, ...scopes),
      await hub.token('bob', ...scopes),
      await hub.token('root1', ...scopes),
      await hub.token('alice', 'repository:alice/other:pull,push,delete'),
    ];
    for (const path of paths) {
      const [secret, absent] = bothNames(path);
      for (const token of tokens) {
        for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'POST', 'DELETE']) {
          const answer = await fingerprint(await hub.send(method, secret, { token }));
          const expected = await fingerprint(await hub.send(method, absent, { token }));
          expect(JSON.parse(JSON.stringify(answer).replaceAll('alice/secret', 'alice/absent'))).toEqual(
            expected,
          );
          expect([401, 405]).toContain((answer as { status: number }).status);
        }
      }
    }
  });

  test('to the JSON API and to search', async () => {
    const { hub } = await withSecret();
    await using _ = hub;
    const paths = [
      '/v2/repositories/alice/NAME/',
      '/v2/namespaces/alice/repositories/NAME',
      '/v2/repositories/alice/NAME/tags/',
      '/v2/repositories/alice/NAME/tags/latest/',
      '/v2/repositories/alice/NAME/stars/',
      '/v2/repositories/alice/NAME/pulls/',
      '/v2/repositories/alice/NAME/move/',
      '/v2/repositories/alice/NAME/categories/',
      '/v2/repositories/alice/NAME/immutabletags/',
      '/v2/repositories/alice/NAME/immutabletags/verify/',
      '/v2/repositories/alice/NAME/deleted-tags/',
      '/v2/repositories/alice/NAME/deleted-tags/1/restore/',
      '/v2/search/repositories/?query=NAME',
      '/v1/search?q=NAME',
      '/v1/search?q=alice%2FNAME',
      '/v2/namespaces/alice/repositories/?name=NAME',
    ];
    for (const token of [undefined, await hub.session('bob'), await hub.session('root1')]) {
      for (const path of paths) {
        const [secret, absent] = bothNames(path);
        for (const method of ['GET', 'HEAD', 'PATCH', 'POST', 'DELETE']) {
          const answer = await fingerprint(await hub.send(method, secret, { token }));
          const expected = await fingerprint(await hub.send(method, absent, { token }));
          expect(JSON.parse(JSON.stringify(answer).replaceAll('secret', 'absent'))).toEqual(expected);
        }
      }
      const plan = await hub.send('GET', '/v2/search/repositories/?query=plan', { token });
      expect(((await plan.json()) as { count: number }).count).toBe(0);
      const all = await hub.send('GET', '/v2/search/repositories/?query=', { token });
      expect(((await all.json()) as { count: number }).count).toBe(0);
    }
  });

  test('to the catalog, page by page', async () => {
    const { hub } = await withSecret();
    await using _ = hub;
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
    const { hub } = await withSecret();
    await using _ = hub;
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
