/** Personal access tokens: passwords for programs, each with rights of its own that are never more than its account's. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { sql } from 'kysely';
import { decodeJwt } from 'jose';
import { basic, bodyOf, HubFixture, password } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

interface Made {
  readonly uuid: string;
  readonly token: string;
}

async function make(hub: HubFixture, session: string, body: object = {}): Promise<Made> {
  const response = await hub.send('POST', '/v2/access-tokens', {
    token: session,
    body: { token_label: 'laptop', scopes: ['repo:admin'], ...body },
  });
  expect(response.status).toBe(201);
  return bodyOf(response);
}

/** A registry token that `secret` gives, for all that can be asked of the repository, and for the catalog. */
async function registryToken(hub: HubFixture, secret: string, repository: string): Promise<string> {
  const headers = basic('alice', secret);
  const scope = `repository:${repository}:* registry:catalog:*`;
  const response = await hub.send('GET', `/token?${new URLSearchParams({ scope })}`, { headers });
  expect(response.status).toBe(200);
  return (await bodyOf<{ token: string }>(response)).token;
}

async function actionsOn(hub: HubFixture, secret: string, repository: string): Promise<unknown> {
  const { access } = decodeJwt<{ access: { type: string; actions: unknown }[] }>(
    await registryToken(hub, secret, repository),
  );
  return access.find(({ type }) => type === 'repository')?.actions ?? [];
}

async function apiSession(hub: HubFixture, secret: string): Promise<string> {
  const response = await hub.send('POST', '/v2/users/login', {
    body: { username: 'alice', password: secret },
  });
  expect(response.status).toBe(200);
  return (await bodyOf<{ token: string }>(response)).token;
}

async function createPrivate(hub: HubFixture, session: string, name: string): Promise<void> {
  const body = { namespace: 'alice', name, is_private: true };
  expect((await hub.send('POST', '/v2/repositories', { token: session, body })).status).toBe(201);
}

describe('the secret of an access token', () => {
  test('is shown once and kept as a hash', async () => {
    await using hub = await HubFixture.create('alice');
    const session = await hub.session('alice');
    const { uuid, token } = await make(hub, session);
    expect(token).toMatch(/^dckr_pat_[\w-]{43}$/);
    const shown = [
      await hub.send('GET', '/v2/access-tokens', { token: session }),
      await hub.send('GET', `/v2/access-tokens/${uuid}`, { token: session }),
      await hub.send('PATCH', `/v2/access-tokens/${uuid}`, { token: session, body: { token_label: 'desk' } }),
    ];
    for (const response of shown) {
      expect(response.status).toBe(200);
      const text = await response.text();
      expect(text).toContain(uuid);
      expect(text).not.toContain(token);
    }
    expect(JSON.stringify(await hub.query(sql`SELECT * FROM access_tokens`))).not.toContain(token);
  });

  test('is good for its own account only', async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    const { token } = await make(hub, await hub.session('alice'));
    expect((await hub.send('GET', '/token', { headers: basic('bob', token) })).status).toBe(401);
    expect((await hub.send('GET', '/token', { headers: basic('alice', `${token}x`) })).status).toBe(401);
    expect((await hub.send('GET', '/token', { headers: basic('alice', token) })).status).toBe(200);
  });
});

describe('an access token opens to the registry', () => {
  test.each([
    ['repo:public_read', ['pull'], [], []],
    ['repo:read', ['pull'], ['pull'], ['pull']],
    ['repo:write', ['pull', 'push'], ['pull', 'push'], ['pull', 'push']],
    ['repo:delete', ['pull', 'push', 'delete'], ['pull', 'push', 'delete'], ['pull', 'push', 'delete']],
    ['repo:admin', ['pull', 'push', 'delete'], ['pull', 'push', 'delete'], ['pull', 'push', 'delete']],
  ])('with %s: %j of a public repository, %j of a private one', async (scope, open, secret, absent) => {
    await using hub = await HubFixture.create('alice', 'bob');
    const session = await hub.session('alice');
    await hub.pushImage('alice', 'alice/open', 'latest');
    await hub.pushImage('bob', 'bob/open', 'latest');
    await createPrivate(hub, session, 'secret');
    const { token } = await make(hub, session, { scopes: [scope] });
    expect(await actionsOn(hub, token, 'alice/open')).toEqual(open);
    expect(await actionsOn(hub, token, 'alice/secret')).toEqual(secret);
    expect(await actionsOn(hub, token, 'alice/new')).toEqual(absent);
    expect(await actionsOn(hub, token, 'bob/open')).toEqual(['pull']);
    expect(await actionsOn(hub, token, 'bob/new')).toEqual([]);
  });

  test('the repositories that it names, and elsewhere what is public', async () => {
    await using hub = await HubFixture.create('alice');
    const session = await hub.session('alice');
    await hub.pushImage('alice', 'alice/open', 'latest');
    await createPrivate(hub, session, 'app');
    await createPrivate(hub, session, 'other');
    const { token } = await make(hub, session, { repositories: ['alice/app'] });
    expect(await actionsOn(hub, token, 'alice/app')).toEqual(['pull', 'push', 'delete']);
    expect(await actionsOn(hub, token, 'alice/other')).toEqual([]);
    expect(await actionsOn(hub, token, 'alice/open')).toEqual(['pull']);
    expect(await actionsOn(hub, token, 'alice/app/web')).toEqual([]);
    const limited = await apiSession(hub, token);
    const status = async (name: string): Promise<number> =>
      (await hub.send('GET', `/v2/repositories/alice/${name}/`, { token: limited })).status;
    expect([await status('app'), await status('other')]).toEqual([200, 404]);
    const list = await hub.send('GET', '/v2/namespaces/alice/repositories', { token: limited });
    const { results } = await bodyOf<{ results: { name: string }[] }>(list);
    expect(results.map(({ name }) => name).toSorted()).toEqual(['app', 'open']);
  });
});

describe('an access token does not reach', () => {
  test('the account itself: password, tokens, sessions, second factor, invitations', async () => {
    await using hub = await HubFixture.create('alice');
    const { token: secret, uuid } = await make(hub, await hub.session('alice'));
    const token = await apiSession(hub, secret);
    const calls: [method: string, path: string, body?: object][] = [
      ['PATCH', '/v2/user', { full_name: 'Mallory' }],
      ['POST', '/v2/user/password', { old_password: password, new_password: 'another long one' }],
      ['POST', '/v2/access-tokens', { token_label: 'more', scopes: ['repo:admin'] }],
      ['GET', '/v2/access-tokens'],
      ['PATCH', `/v2/access-tokens/${uuid}`, { is_active: true }],
      ['DELETE', `/v2/access-tokens/${uuid}`],
      ['GET', '/v2/user/sessions'],
      ['DELETE', '/v2/user/sessions'],
      ['GET', '/v2/user/2fa'],
      ['POST', '/v2/user/2fa', { password }],
      ['POST', '/v2/invites', {}],
      ['POST', '/v2/users/alice/password-reset'],
    ];
    for (const [method, path, body] of calls) {
      expect((await hub.send(method, path, { token, ...(body && { body }) })).status).toBe(403);
    }
    expect((await hub.send('GET', '/v2/user', { token })).status).toBe(200);
  });

  test('what its scope leaves out of the JSON API', async () => {
    await using hub = await HubFixture.create('alice');
    const session = await hub.session('alice');
    await hub.pushImage('alice', 'alice/app', 'latest');
    const statuses = async (scope: string): Promise<readonly number[]> => {
      const token = await apiSession(hub, (await make(hub, session, { scopes: [scope] })).token);
      const calls = [
        await hub.send('POST', '/v2/repositories/alice/app/stars', { token }),
        await hub.send('PATCH', '/v2/repositories/alice/app', { token, body: { description: scope } }),
        await hub.send('DELETE', '/v2/repositories/alice/app/tags/none', { token }),
      ];
      return calls.map(({ status }) => status);
    };
    expect(await statuses('repo:read')).toEqual([403, 403, 403]);
    expect(await statuses('repo:write')).toEqual([200, 403, 403]);
    expect(await statuses('repo:delete')).toEqual([200, 403, 404]);
    expect(await statuses('repo:admin')).toEqual([200, 200, 404]);
  });
});

describe('an access token ends', () => {
  const endings: [how: string, end: (hub: HubFixture, session: string, made: Made) => Promise<Response>][] = [
    [
      'when it is stopped',
      (hub, token, { uuid }) =>
        hub.send('PATCH', `/v2/access-tokens/${uuid}`, { token, body: { is_active: false } }),
    ],
    [
      'when it is deleted',
      (hub, token, { uuid }) => hub.send('DELETE', `/v2/access-tokens/${uuid}`, { token }),
    ],
  ];
  test.each(endings)('%s, with all that was signed in by it', async (_, end) => {
    await using hub = await HubFixture.createWith({ settings: { CAIS_HUB_OFFLINE_TOKENS: '1' } }, 'alice');
    const session = await hub.session('alice');
    const made = await make(hub, session);
    await hub.pushImage('alice', 'alice/app', 'latest');
    const registry = await registryToken(hub, made.token, 'alice/app');
    const api = await apiSession(hub, made.token);
    const login = await hub.send('GET', '/token?offline_token=true', { headers: basic('alice', made.token) });
    const { refresh_token: refresh } = await bodyOf<{ refresh_token: string }>(login);
    const byRefresh = (): Promise<Response> =>
      hub.send('POST', '/token', {
        body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refresh }).toString(),
      });
    const statuses = async (): Promise<readonly number[]> =>
      [
        await hub.send('GET', '/v2/alice/app/manifests/latest', { token: registry }),
        await hub.send('GET', '/v2/', { token: registry }),
        await hub.send('GET', '/v2/_catalog', { token: registry }),
        await hub.send('GET', '/v2/user', { token: api }),
        await hub.send('GET', '/token', { headers: basic('alice', made.token) }),
        await byRefresh(),
      ].map(({ status }) => status);
    expect(await statuses()).toEqual([200, 200, 200, 200, 200, 200]);
    expect((await end(hub, session, made)).ok).toBe(true);
    expect(await statuses()).toEqual([401, 401, 401, 401, 401, 401]);
  });

  test('at its time', async () => {
    await using hub = await HubFixture.create('alice');
    const session = await hub.session('alice');
    const end = Date.now() + 3000;
    const { token } = await make(hub, session, { expires_at: new Date(end).toISOString() });
    const registry = await registryToken(hub, token, 'alice/app');
    await Bun.sleep(end - Date.now() + 50);
    expect((await hub.send('GET', '/token', { headers: basic('alice', token) })).status).toBe(401);
    expect((await hub.send('GET', '/v2/alice/app/tags/list', { token: registry })).status).toBe(401);
    const past = { token_label: 'late', scopes: ['repo:read'], expires_at: '2020-01-01T00:00:00Z' };
    const refused = await hub.send('POST', '/v2/access-tokens', { token: session, body: past });
    expect(refused.status).toBe(400);
    expect(await bodyOf(refused)).toMatchObject({ fields: { expires_at: ['this time is over already'] } });
  });

  test('not when the password changes: it is no session', async () => {
    await using hub = await HubFixture.create('alice');
    const session = await hub.session('alice');
    const { token } = await make(hub, session);
    const body = { old_password: password, new_password: 'another long one' };
    expect((await hub.send('POST', '/v2/user/password', { token: session, body })).status).toBe(204);
    expect((await hub.send('GET', '/token', { headers: basic('alice', token) })).status).toBe(200);
  });
});

describe('the list of access tokens', () => {
  test('tells where each was made and when it was used last, the newest first', async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    const session = await hub.session('alice');
    const first = await make(hub, session, { token_label: ' one ', scopes: ['repo:read', 'repo:write'] });
    const second = await make(hub, session, { token_label: 'two' });
    await make(hub, await hub.session('bob'));
    await hub.send('PATCH', `/v2/access-tokens/${second.uuid}`, {
      token: session,
      body: { is_active: false },
    });
    await hub.send('GET', '/token', { headers: basic('alice', first.token) });
    const list = await hub.send('GET', '/v2/access-tokens?page_size=1&page=2', { token: session });
    expect(await bodyOf(list)).toMatchObject({
      count: 2,
      active_count: 1,
      next: null,
      results: [
        {
          uuid: first.uuid,
          client_id: 'HUB',
          creator_ip: '192.0.2.1',
          token_label: 'one',
          scopes: ['repo:write'],
          repositories: null,
          is_active: true,
          last_used: expect.stringMatching(/^\d{4}-/),
          expires_at: null,
          token: '',
        },
      ],
    });
    const other = await hub.send('GET', `/v2/access-tokens/${second.uuid}`, { token: session });
    expect(await bodyOf(other)).toMatchObject({ is_active: false, last_used: null });
  });

  test("shows and changes nothing of somebody else's", async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    const { uuid, token: secret } = await make(hub, await hub.session('alice'));
    const token = await hub.session('bob');
    const body = { is_active: false };
    expect((await hub.send('GET', `/v2/access-tokens/${uuid}`, { token })).status).toBe(404);
    expect((await hub.send('PATCH', `/v2/access-tokens/${uuid}`, { token, body })).status).toBe(404);
    expect((await hub.send('DELETE', `/v2/access-tokens/${uuid}`, { token })).status).toBe(404);
    expect((await hub.send('GET', '/token', { headers: basic('alice', secret) })).status).toBe(200);
  });

  test('is also where hub-tool asks for it', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.session('alice');
    const { uuid } = await make(hub, token);
    expect((await hub.send('GET', '/v2/api_tokens/', { token })).status).toBe(200);
    expect((await hub.send('DELETE', `/v2/api_tokens/${uuid}/`, { token })).status).toBe(204);
  });

  test.each<[string, object]>([
    ['token_label', { token_label: '' }],
    ['token_label', { token_label: 'x'.repeat(101) }],
    ['scopes', { scopes: [] }],
    ['scopes.0', { scopes: ['repo:everything'] }],
    ['repositories', { repositories: ['alice'] }],
    ['repositories', { repositories: ['alice/../bob'] }],
    ['expires_at', { expires_at: 'tomorrow' }],
  ])('takes no token with a wrong %s', async (field, change) => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.session('alice');
    const body = { token_label: 'laptop', scopes: ['repo:read'], ...change };
    const refused = await hub.send('POST', '/v2/access-tokens', { token, body });
    expect(refused.status).toBe(400);
    expect(Object.keys((await bodyOf<{ fields: object }>(refused)).fields)).toEqual([field]);
  });
});
