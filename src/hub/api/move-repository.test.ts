/** Another name: what follows it there, who still gets through by the old one, and who doesn't. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { Page, SearchResult } from '../../hub-api/types.ts';
import { fingerprint, HubFixture } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

async function move(hub: HubFixture, by: string, path: string, body: object): Promise<Response> {
  return hub.send('POST', `/v2/repositories/${path}/move/`, { token: await hub.session(by), body });
}

/** Gives alice's organization a namespace that she owns. */
async function addOrganization(hub: HubFixture, name: string, ownerId: number): Promise<void> {
  await using parts = await hub.openParts();
  const { queries } = parts.database;
  const { id } = await queries
    .insertInto('accounts')
    .values({
      name,
      email: '',
      password_hash: '',
      is_admin: 0,
      full_name: '',
      location: '',
      company: '',
      created_at: 0,
      kind: 'organization',
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await queries
    .insertInto('organization_members')
    .values({ organization_id: id, account_id: ownerId, role: 'owner', created_at: 0 })
    .execute();
}

async function pull(hub: HubFixture, by: string | undefined, path: string): Promise<number> {
  const token = await hub.token(by, `repository:${path}:pull`);
  return (await hub.send('GET', `/v2/${path}/manifests/latest`, { token })).status;
}

describe('a repository with a new name', () => {
  test('is found by the new one, with tags and stars; by the old one pulls and the API still work', async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    const image = await hub.pushImage('alice', 'alice/app', 'latest');
    const bob = await hub.session('bob');
    await hub.send('POST', '/v2/repositories/alice/app/stars/', { token: bob, body: {} });
    const moved = await move(hub, 'alice', 'alice/app', { name: 'team/web' });
    expect([moved.status, await moved.json()]).toMatchObject([200, { name: 'team/web', star_count: 1 }]);
    for (const path of ['alice/team/web', 'alice/app']) {
      expect(await pull(hub, undefined, path)).toBe(200);
      const token = await hub.token(undefined, `repository:${path}:pull`);
      expect((await hub.send('GET', `/v2/${path}/blobs/${image.layer}`, { token })).status).toBe(200);
      const tags = await hub.send('GET', `/v2/${path}/tags/list`, { token });
      expect(await tags.json()).toEqual({ name: path, tags: ['latest'] });
      const [namespace = '', ...rest] = path.split('/');
      const found = await hub.send('GET', `/v2/repositories/${namespace}/${rest.join('%2F')}/`);
      expect(await found.json()).toMatchObject({ namespace: 'alice', name: 'team/web' });
    }
    const search = await hub.send('GET', '/v2/search/repositories/?query=alice');
    const { results } = (await search.json()) as Page<SearchResult>;
    expect(results.map(({ repo_name }) => repo_name)).toEqual(['alice/team/web']);
  });

  test('takes pushes by its old name from who may push to it', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushImage('alice', 'alice/app', 'latest');
    await move(hub, 'alice', 'alice/app', { name: 'web' });
    await hub.pushImage('alice', 'alice/app', 'next');
    const token = await hub.token(undefined, 'repository:alice/web:pull');
    const tags = await hub.send('GET', '/v2/alice/web/tags/list', { token });
    expect(await tags.json()).toEqual({ name: 'alice/web', tags: ['latest', 'next'] });
  });

  test('has its old name no longer when somebody takes it', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushImage('alice', 'alice/app', 'latest');
    await move(hub, 'alice', 'alice/app', { name: 'web' });
    const token = await hub.session('alice');
    const body = { namespace: 'alice', name: 'app' };
    expect((await hub.send('POST', '/v2/repositories/', { token, body })).status).toBe(201);
    expect(await pull(hub, undefined, 'alice/app')).toBe(404);
    expect(await pull(hub, undefined, 'alice/web')).toBe(200);
  });

  test('can go back to its old name, and go on under several', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushImage('alice', 'alice/a', 'latest');
    for (const name of ['b', 'c', 'a', 'd']) {
      const moved = await move(hub, 'alice', name === 'b' ? 'alice/a' : 'alice/b', { name });
      expect([name, moved.status]).toEqual([name, 200]);
    }
    for (const name of ['a', 'b', 'c', 'd']) expect(await pull(hub, undefined, `alice/${name}`)).toBe(200);
  });

  test('is not deleted by its old name', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushImage('alice', 'alice/app', 'latest');
    await move(hub, 'alice', 'alice/app', { name: 'web' });
    const token = await hub.session('alice');
    expect((await hub.send('DELETE', '/v2/repositories/alice/app/', { token })).status).toBe(404);
    expect((await hub.send('DELETE', '/v2/repositories/alice/web/', { token })).status).toBe(202);
    expect(await pull(hub, undefined, 'alice/app')).toBe(401);
  });

  test('gets no name that is taken, wrong or not theirs to give, and none from others', async () => {
    await using hub = await HubFixture.create('root1', 'alice', 'bob');
    await hub.pushImage('alice', 'alice/app', 'latest');
    await hub.pushImage('alice', 'alice/other', 'latest');
    const status = async (by: string, body: object): Promise<number> =>
      (await move(hub, by, 'alice/app', body)).status;
    expect(await status('alice', { name: 'other' })).toBe(400);
    expect(await status('alice', { name: '../x' })).toBe(400);
    expect(await status('alice', { namespace: 'bob' })).toBe(403);
    expect(await status('alice', { namespace: 'library' })).toBe(403);
    expect(await status('bob', { name: 'mine' })).toBe(403);
    expect(await status('bob', { namespace: 'bob' })).toBe(403);
    expect(await pull(hub, undefined, 'alice/app')).toBe(200);
  });
});

describe('a repository that was given to another namespace', () => {
  test('was given by its owner: who only administers it can neither take nor rename it', async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    await hub.pushImage('alice', 'alice/app', 'latest');
    await using parts = await hub.openParts();
    await parts.database.queries
      .insertInto('collaborators')
      .values({ repository_id: 1, account_id: 2, permission: 3 })
      .execute();
    expect((await move(hub, 'bob', 'alice/app', { namespace: 'bob' })).status).toBe(403);
    // Names in a namespace are for who may make repositories there.
    expect((await move(hub, 'bob', 'alice/app', { name: 'web' })).status).toBe(403);
    expect((await move(hub, 'alice', 'alice/app', { name: 'web' })).status).toBe(200);
  });

  test('is its new owners’; a private one’s old name tells nobody else anything', async () => {
    await using hub = await HubFixture.create('root1', 'alice', 'bob');
    await addOrganization(hub, 'acme', 2);
    await hub.pushImage('alice', 'alice/app', 'latest');
    const token = await hub.session('alice');
    expect((await move(hub, 'alice', 'alice/app', { namespace: 'acme' })).status).toBe(200);
    await hub.send('PATCH', '/v2/repositories/acme/app/', { token, body: { is_private: true } });
    expect(await pull(hub, 'alice', 'alice/app')).toBe(200);
    const bob = await hub.session('bob');
    for (const session of [undefined, bob]) {
      for (const rest of ['', 'tags/', 'tags/latest/', 'stars/', 'pulls/']) {
        const asked = await hub.send('GET', `/v2/repositories/alice/app/${rest}`, { token: session });
        const none = await hub.send('GET', `/v2/repositories/alice/one/${rest}`, { token: session });
        expect(await fingerprint(asked)).toEqual(await fingerprint(none));
      }
    }
    const scopes = ['repository:alice/app:pull,push,delete', 'repository:alice/one:pull,push,delete'];
    for (const registryToken of [await hub.token(undefined, ...scopes), await hub.token('bob', ...scopes)]) {
      for (const rest of ['manifests/latest', 'tags/list', 'blobs/uploads/']) {
        for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
          const asked = await hub.send(method, `/v2/alice/app/${rest}`, { token: registryToken });
          const none = await hub.send(method, `/v2/alice/one/${rest}`, { token: registryToken });
          const text = JSON.stringify(await fingerprint(asked)).replaceAll('alice/app', 'alice/one');
          expect(JSON.parse(text)).toEqual(await fingerprint(none));
        }
      }
    }
  });

  test('leaves its old name to its old owner, whose push there makes something new', async () => {
    await using hub = await HubFixture.create('root1', 'alice');
    await addOrganization(hub, 'acme', 2);
    await hub.pushImage('alice', 'alice/app', 'latest', 'old');
    await move(hub, 'alice', 'alice/app', { namespace: 'acme' });
    await using parts = await hub.openParts();
    await parts.database.queries.deleteFrom('organization_members').execute();
    const pushed = await hub.pushImage('alice', 'alice/app', 'latest', 'new');
    const token = await hub.token(undefined, 'repository:alice/app:pull', 'repository:acme/app:pull');
    const digest = async (path: string): Promise<string | null> =>
      (await hub.send('HEAD', `/v2/${path}/manifests/latest`, { token })).headers.get(
        'Docker-Content-Digest',
      );
    expect(await digest('alice/app')).toBe(pushed.digest);
    expect(await digest('acme/app')).not.toBe(pushed.digest);
  });
});

describe('an access token for named repositories', () => {
  test('follows a rename, to this repository and to no other', async () => {
    await using hub = await HubFixture.create('alice');
    const session = await hub.session('alice');
    for (const name of ['a_b', 'axb', 'other']) {
      await hub.send('POST', '/v2/repositories/', {
        token: session,
        body: { namespace: 'alice', name, is_private: true },
      });
      await hub.pushImage('alice', `alice/${name}`, 'latest');
    }
    const made = await hub.send('POST', '/v2/access-tokens', {
      token: session,
      body: { token_label: 'ci', scopes: ['repo:read'], repositories: ['alice/axb', 'alice/a_b'] },
    });
    const { token: secret, uuid } = (await made.json()) as { token: string; uuid: string };
    await move(hub, 'alice', 'alice/a_b', { name: 'renamed' });
    const status = async (path: string): Promise<number> => {
      const headers = { Authorization: `Basic ${btoa(`alice:${secret}`)}` };
      const answer = await hub.send('GET', `/token?scope=repository:${path}:pull`, { headers });
      const { token } = (await answer.json()) as { token: string };
      return (await hub.send('GET', `/v2/${path}/manifests/latest`, { token })).status;
    };
    expect(await status('alice/renamed')).toBe(200);
    expect(await status('alice/a_b')).toBe(200);
    expect(await status('alice/axb')).toBe(200);
    expect(await status('alice/other')).toBe(401);
    const shown = await hub.send('GET', `/v2/access-tokens/${uuid}`, { token: session });
    expect(((await shown.json()) as { repositories: string[] }).repositories).toEqual([
      'alice/axb',
      'alice/renamed',
    ]);
    // Whoever takes the old name is not opened by it.
    await hub.send('POST', '/v2/repositories/', {
      token: session,
      body: { namespace: 'alice', name: 'a_b', is_private: true },
    });
    expect(await status('alice/a_b')).toBe(401);
  });
});
