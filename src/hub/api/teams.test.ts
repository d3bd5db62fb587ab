/** Teams, and what they and the roles of an organization open of its repositories. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { Acme } from '../testing/acme.ts';
import { codesOf } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

describe('teams', () => {
  test('are made, renamed, described and deleted, each name once', async () => {
    await using acme = await Acme.create();
    const body = { name: 'web', description: 'the front' };
    expect(await acme.json('alice', 'POST', '/v2/orgs/acme/groups', body)).toMatchObject({
      ...body,
      member_count: 0,
    });
    expect(await acme.status('alice', 'POST', '/v2/orgs/acme/groups', body)).toBe(400);
    await acme.team('ops', 'bob', 'carol');
    const path = '/v2/orgs/acme/groups/ops';
    expect(await acme.status('alice', 'PATCH', path, { name: 'web' })).toBe(400);
    expect(await acme.json('alice', 'PATCH', path, { description: 'the back' })).toMatchObject({
      name: 'ops',
      description: 'the back',
      member_count: 2,
    });
    expect(await acme.json('alice', 'PUT', path, { name: 'backend' })).toMatchObject({
      name: 'backend',
      description: '',
    });
    expect(await acme.status('alice', 'GET', path)).toBe(404);
    const list = await acme.json('bob', 'GET', '/v2/orgs/acme/groups?search=b');
    expect(list).toMatchObject({ count: 2, results: [{ name: 'backend' }, { name: 'web' }] });
    expect(await acme.json('bob', 'GET', '/v2/orgs/acme/groups/backend/members')).toMatchObject({
      count: 2,
      results: [{ username: 'bob' }, { username: 'carol' }],
    });
    expect(await acme.status('alice', 'DELETE', '/v2/orgs/acme/groups/backend')).toBe(204);
    expect(await acme.status('alice', 'DELETE', '/v2/orgs/acme/groups/backend')).toBe(404);
    expect(await acme.json('bob', 'GET', '/v2/orgs/acme/members')).toMatchObject({ count: 3 });
  });

  test.each(['owners', 'Web', 'a b', '', 'x'.repeat(31), '../web'])('have no name like %p', async (name) => {
    await using acme = await Acme.create();
    expect(await acme.status('alice', 'POST', '/v2/orgs/acme/groups', { name })).toBe(400);
  });

  test('tell their repositories and rights, each member those that they may see', async () => {
    await using acme = await Acme.create();
    const id = await acme.team('web', 'bob');
    await acme.join('carol', 'member');
    await acme.createPrivate('secret');
    await acme.send('alice', 'POST', '/v2/repositories', { namespace: 'acme', name: 'open' });
    await acme.send('alice', 'POST', '/v2/repositories', { namespace: 'acme', name: 'none' });
    for (const [name, permission] of [
      ['secret', 'admin'],
      ['open', 'read'],
    ] as const) {
      const grant = { group_id: id, permission };
      expect(await acme.status('alice', 'POST', `/v2/repositories/acme/${name}/groups`, grant)).toBe(200);
    }
    const path = '/v2/orgs/acme/groups/web/repositories';
    const open = { namespace: 'acme', name: 'open', is_private: false, permission: 'read' };
    const secret = { namespace: 'acme', name: 'secret', is_private: true, permission: 'admin' };
    for (const who of ['alice', 'bob']) {
      expect(await acme.json(who, 'GET', path)).toMatchObject({ count: 2, results: [open, secret] });
    }
    expect(await acme.json('carol', 'GET', path)).toMatchObject({ count: 1, results: [open] });
    expect(await acme.json('alice', 'GET', `${path}?page=2&page_size=1`)).toMatchObject({
      results: [secret],
    });
    expect(await acme.status('dave', 'GET', path)).toBe(403);
    expect(await acme.status(undefined, 'GET', path)).toBe(401);
    expect(await acme.status('alice', 'GET', '/v2/orgs/acme/groups/ops/repositories')).toBe(404);
    // Given away: the right of the team does not go along.
    await acme.send('alice', 'POST', '/v2/repositories/acme/open/move', { namespace: 'alice' });
    expect(await acme.json('alice', 'GET', path)).toMatchObject({ count: 1, results: [secret] });
  });

  test('of another organization are not reached through one’s own', async () => {
    await using acme = await Acme.create();
    const id = await acme.team('web');
    await acme.send('bob', 'POST', '/v2/orgs', { orgname: 'other' });
    const body = { namespace: 'other', name: 'app' };
    await acme.send('bob', 'POST', '/v2/repositories', body);
    expect(await acme.status('bob', 'GET', '/v2/orgs/other/groups/web')).toBe(404);
    expect(await acme.status('bob', 'DELETE', '/v2/orgs/other/groups/web')).toBe(404);
    const grant = { group_id: id, permission: 'admin' };
    expect(await acme.status('bob', 'POST', '/v2/repositories/other/app/groups', grant)).toBe(404);
    expect(await acme.status('alice', 'GET', '/v2/orgs/acme/groups/web')).toBe(200);
  });
});

describe('a private repository of an organization', () => {
  test('is open to its editors and owners, and to a team as far as its right goes', async () => {
    await using acme = await Acme.create();
    await acme.createPrivate('app');
    await acme.createPrivate('other');
    await acme.join('bob', 'editor');
    const id = await acme.team('web', 'carol');
    await acme.join('dave', 'member');
    const grant = (permission: string): Promise<number> =>
      acme.status('bob', 'POST', '/v2/repositories/acme/app/groups/', { group_id: id, permission });
    expect(await acme.actions('alice', 'acme/app')).toBe('pull,push,delete');
    expect(await acme.actions('bob', 'acme/app')).toBe('pull,push,delete');
    expect(await acme.actions('carol', 'acme/app')).toBe('');
    expect(await grant('read')).toBe(200);
    expect(await acme.actions('carol', 'acme/app')).toBe('pull');
    expect(await grant('write')).toBe(200);
    expect(await acme.actions('carol', 'acme/app')).toBe('pull,push');
    expect(await grant('admin')).toBe(200);
    expect(await acme.actions('carol', 'acme/app')).toBe('pull,push,delete');
    for (const who of ['dave', 'root1']) expect(await acme.actions(who, 'acme/app')).toBe('');
    expect(await acme.actions('carol', 'acme/other')).toBe('');
    const path = '/v2/repositories/acme/app/';
    expect(await acme.json('carol', 'GET', path)).toMatchObject({
      permissions: { read: true, write: true, admin: true },
    });
    expect(await acme.status('dave', 'GET', path)).toBe(404);
    expect(await acme.json('alice', 'GET', `${path}groups`)).toMatchObject({
      count: 1,
      results: [{ group_id: id, group_name: 'web', permission: 'admin' }],
    });
  });

  test('is made by who may: editors and owners', async () => {
    await using acme = await Acme.create();
    await acme.join('bob', 'editor');
    await acme.join('carol', 'member');
    const make = (who: string, name: string): Promise<number> =>
      acme.status(who, 'POST', '/v2/repositories', { namespace: 'acme', name });
    expect([await make('bob', 'a'), await make('carol', 'b'), await make('dave', 'c')]).toEqual([
      201, 403, 403,
    ]);
    expect(await acme.actions('bob', 'acme/new')).toBe('pull,push,delete');
    expect(await acme.actions('carol', 'acme/new')).toBe('');
  });

  const endings: [what: string, end: (acme: Acme, teamId: number) => Promise<number>][] = [
    [
      'taken out of the team',
      (acme) => acme.status('alice', 'DELETE', '/v2/orgs/acme/groups/web/members/carol'),
    ],
    ['whose team is deleted', (acme) => acme.status('alice', 'DELETE', '/v2/orgs/acme/groups/web')],
    [
      'whose team lost the right',
      (acme, id) => acme.status('alice', 'DELETE', `/v2/repositories/acme/app/groups/${id}`),
    ],
    [
      'removed from the organization',
      (acme) => acme.status('alice', 'DELETE', '/v2/orgs/acme/members/carol'),
    ],
    ['that left', (acme) => acme.status('carol', 'DELETE', '/v2/orgs/acme/members/carol')],
  ];
  test.each(endings)('is closed at once to a member %s, with the tokens that they have', async (_, end) => {
    await using acme = await Acme.create();
    await acme.createPrivate('app');
    const { digest, layer } = await acme.hub.pushImage('alice', 'acme/app', 'latest');
    const id = await acme.team('web', 'carol');
    await acme.send('alice', 'POST', '/v2/repositories/acme/app/groups', {
      group_id: id,
      permission: 'write',
    });
    const token = await acme.hub.fullToken('carol', 'acme/app');
    const open = await acme.hub.send('POST', '/v2/acme/app/blobs/uploads/', { token });
    const upload = open.headers.get('Location') ?? '';
    const statuses = async (): Promise<readonly number[]> => [
      (await acme.hub.send('GET', '/v2/acme/app/manifests/latest', { token })).status,
      (await acme.hub.send('GET', `/v2/acme/app/blobs/${layer}`, { token })).status,
      (await acme.hub.send('PATCH', upload, { token, body: '' })).status,
      await acme.status('carol', 'GET', '/v2/repositories/acme/app/tags'),
    ];
    expect(await statuses()).toEqual([200, 200, 202, 200]);
    expect(await end(acme, id)).toBe(204);
    expect(await statuses()).toEqual([401, 401, 401, 404]);
    const search = await acme.json('carol', 'GET', '/v2/search/repositories?query=app');
    expect(search).toMatchObject({ count: 0 });
    const absent = await acme.hub.send('GET', `/v2/acme/none/manifests/${digest}`, { token });
    const closed = await acme.hub.send('GET', `/v2/acme/app/manifests/${digest}`, { token });
    expect(await codesOf(closed)).toEqual(await codesOf(absent));
  });
});
