/** What a caller may not set is not set by adding it to a body, and nobody's things are reached by numbers of theirs. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { bodyOf, HubFixture, password } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

/** In every body: all that the tables have, and what other hubs were broken by. */
const extra = {
  id: 1,
  uuid: 'mine',
  is_admin: true,
  is_staff: true,
  isAdmin: true,
  has_admin_role: true,
  sysadmin_flag: true,
  role: 'owner',
  kind: 'organization',
  account_id: 1,
  accountId: 1,
  organization_id: 1,
  created_by: 1,
  owner: 'root1',
  user: 'root1',
  password_hash: 'x',
  totp_secret: null,
  star_count: 1000,
  pull_count: 1000,
  created_at: 0,
  is_pending: 0,
  token_hash: 'x',
  token: 'dckr_pat_mine',
  creator_ip: '203.0.113.1',
};

describe('what a body holds too much', () => {
  test('makes nobody an administrator', async () => {
    await using hub = await HubFixture.create('root1');
    const body = { username: 'bob', email: 'b@hub.test', password, ...extra };
    expect((await hub.send('POST', '/v2/users/signup', { body })).status).toBe(204);
    const token = await hub.session('bob');
    const change = { full_name: 'Bob', email: 'root1@hub.test', username: 'root1', ...extra };
    expect((await hub.send('PATCH', '/v2/user', { token, body: change })).status).toBe(200);
    const user = await bodyOf(await hub.send('GET', '/v2/user', { token }));
    expect(user).toMatchObject({
      username: 'bob',
      email: 'b@hub.test',
      full_name: 'Bob',
      is_admin: false,
      is_staff: false,
      type: 'User',
    });
    expect(user['id']).not.toBe('1');
    expect((await hub.send('GET', '/v2/invites', { token })).status).toBe(403);
  });

  test('makes no repository of somebody else, and no counts', async () => {
    await using hub = await HubFixture.create('root1', 'bob');
    const token = await hub.session('bob');
    const inOwn = { namespace: 'root1', name: 'app', ...extra };
    const created = await hub.send('POST', '/v2/namespaces/bob/repositories', { token, body: inOwn });
    expect(await bodyOf(created)).toMatchObject({ namespace: 'bob', star_count: 0, pull_count: 0 });
    const inOther = { token, body: { namespace: 'root1', name: 'app' } };
    expect((await hub.send('POST', '/v2/repositories', inOther)).status).toBe(403);
    expect((await hub.send('POST', '/v2/namespaces/root1/repositories', inOther)).status).toBe(403);
    const change = { description: 'mine', namespace: 'root1', name: 'other', ...extra };
    const changed = await hub.send('PATCH', '/v2/repositories/bob/app', { token, body: change });
    expect(await bodyOf(changed)).toMatchObject({
      namespace: 'bob',
      name: 'app',
      description: 'mine',
      user: 'bob',
      star_count: 0,
      pull_count: 0,
    });
  });

  test('makes no access token of another account, or with another secret', async () => {
    await using hub = await HubFixture.create('root1', 'bob');
    const token = await hub.session('bob');
    const body = { token_label: 'laptop', scopes: ['repo:read'], ...extra };
    const made = await bodyOf(await hub.send('POST', '/v2/access-tokens', { token, body }));
    expect(made).toMatchObject({ creator_ip: '192.0.2.1', scopes: ['repo:read'] });
    expect(made['token']).not.toBe(extra.token);
    expect(made['uuid']).not.toBe(extra.uuid);
    const path = `/v2/access-tokens/${String(made['uuid'])}`;
    const widened = { scopes: ['repo:admin'], repositories: null, expires_at: null, ...extra };
    const changed = await bodyOf(await hub.send('PATCH', path, { token, body: widened }));
    expect(changed).toMatchObject({ uuid: made['uuid'], scopes: ['repo:read'], token: '' });
    const root = await bodyOf(
      await hub.send('GET', '/v2/access-tokens', { token: await hub.session('root1') }),
    );
    expect(root['count']).toBe(0);
  });

  test('leaves an address of the query and the prototype alone', async () => {
    await using hub = await HubFixture.create('root1', 'bob');
    const token = await hub.session('bob');
    const headers = { 'Content-Type': 'application/json' };
    const body =
      '{"full_name":"Bob","__proto__":{"is_admin":true},"constructor":{"prototype":{"is_admin":true}}}';
    expect((await hub.send('PATCH', '/v2/user?is_admin=true', { token, headers, body })).status).toBe(200);
    expect(await bodyOf(await hub.send('GET', '/v2/user', { token }))).toMatchObject({ is_admin: false });
    expect(({} as { is_admin?: boolean }).is_admin).toBeUndefined();
  });
});
