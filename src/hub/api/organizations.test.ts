/** Organizations: who may do what with them and with their members. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { removeUser } from '../accounts/administer.ts';
import { ConflictError } from '../../lib/errors.ts';
import { Acme } from '../testing/acme.ts';
import { bodyOf, HubFixture, password } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

describe('an organization', () => {
  test('is owned by who makes it, has a name of its own, and is known to everybody', async () => {
    await using acme = await Acme.create();
    const change = { full_name: 'Acme Inc.', company: 'Acme', location: 'Everywhere', orgname: 'other' };
    expect(await acme.status('alice', 'PATCH', '/v2/orgs/acme', change)).toBe(200);
    expect(await acme.json(undefined, 'GET', '/v2/orgs/acme/')).toMatchObject({
      orgname: 'acme',
      full_name: 'Acme Inc.',
      company: 'Acme',
      location: 'Everywhere',
      type: 'Organization',
    });
    expect(await acme.json(undefined, 'GET', '/v2/users/acme')).toMatchObject({ type: 'Organization' });
    expect(await acme.json('alice', 'GET', '/v2/user/orgs/')).toMatchObject({
      count: 1,
      results: [{ orgname: 'acme', role: 'Owner' }],
    });
    expect(await acme.json('bob', 'GET', '/v2/user/orgs')).toMatchObject({ count: 0 });
  });

  test.each(['alice', 'acme', 'library', 'orgs', 'A', 'a b', 'x'.repeat(31)])(
    'is not made with the name %p',
    async (orgname) => {
      await using acme = await Acme.create();
      const refused = await acme.send('bob', 'POST', '/v2/orgs', { orgname });
      expect(refused.status).toBe(400);
      expect(Object.keys((await bodyOf<{ fields: object }>(refused)).fields)).toEqual(['orgname']);
    },
  );

  test('tells everybody what they are to it', async () => {
    await using acme = await Acme.create();
    await acme.join('bob', 'editor');
    await acme.team('web', 'carol');
    const roleOf = async (who?: string): Promise<unknown> =>
      (await acme.json(who, 'GET', '/v2/orgs/acme'))['role'];
    expect(await Promise.all(['alice', 'bob', 'carol', 'dave', undefined].map(roleOf))).toEqual([
      'Owner',
      'Editor',
      'Member',
      null,
      null,
    ]);
  });

  test('takes a name from people, and is none: nobody signs in as one', async () => {
    await using acme = await Acme.create();
    const signup = { username: 'acme', email: 'a@hub.test', password };
    expect(await acme.status(undefined, 'POST', '/v2/users/signup', signup)).toBe(400);
    for (const given of ['', password, 'x']) {
      const login = { username: 'acme', password: given };
      expect(await acme.status(undefined, 'POST', '/v2/users/login', login)).toBe(401);
    }
    expect(await acme.status('root1', 'POST', '/v2/users/acme/password-reset')).toBe(404);
    expect(await acme.status('alice', 'PUT', '/v2/orgs/acme/members/acme', { role: 'member' })).toBe(404);
    expect(await acme.status(undefined, 'GET', '/v2/orgs/alice')).toBe(404);
  });

  test('is looked into by members and managed by owners', async () => {
    await using acme = await Acme.create();
    await acme.join('bob', 'editor');
    await acme.join('carol', 'member');
    await acme.team('web');
    const looking: [method: string, path: string, body?: object][] = [
      ['GET', '/v2/orgs/acme/members'],
      ['GET', '/v2/orgs/acme/groups'],
      ['GET', '/v2/orgs/acme/groups/web'],
      ['GET', '/v2/orgs/acme/groups/web/members'],
    ];
    const managing: [method: string, path: string, body?: object][] = [
      ['PATCH', '/v2/orgs/acme', { full_name: 'Mine' }],
      ['DELETE', '/v2/orgs/acme'],
      ['PUT', '/v2/orgs/acme/members/dave', { role: 'owner' }],
      ['PUT', '/v2/orgs/acme/members/bob', { role: 'owner' }],
      ['DELETE', '/v2/orgs/acme/members/alice'],
      ['POST', '/v2/orgs/acme/groups', { name: 'mine' }],
      ['PUT', '/v2/orgs/acme/groups/web', { name: 'mine' }],
      ['PATCH', '/v2/orgs/acme/groups/web', { name: 'mine' }],
      ['DELETE', '/v2/orgs/acme/groups/web'],
      ['POST', '/v2/orgs/acme/groups/web/members', { member: 'carol' }],
      ['DELETE', '/v2/orgs/acme/groups/web/members/carol'],
    ];
    for (const call of [...looking, ...managing]) {
      expect(await acme.status(undefined, ...call)).toBe(401);
      // The hub's administrator runs the hub, not other people's organizations.
      for (const who of ['dave', 'root1']) expect(await acme.status(who, ...call)).toBe(403);
    }
    for (const call of managing) {
      for (const who of ['bob', 'carol']) expect(await acme.status(who, ...call)).toBe(403);
    }
    for (const call of looking) {
      for (const who of ['alice', 'bob', 'carol']) expect(await acme.status(who, ...call)).toBe(200);
    }
    expect(await acme.json(undefined, 'GET', '/v2/orgs/acme')).toMatchObject({ full_name: '' });
  });

  test('is out of reach for an access token of its owner', async () => {
    await using acme = await Acme.create();
    const made = await acme.json<{ token: string }>('alice', 'POST', '/v2/access-tokens', {
      token_label: 'laptop',
      scopes: ['repo:admin'],
    });
    const login = { username: 'alice', password: made.token };
    const { token } = await acme.json<{ token: string }>(undefined, 'POST', '/v2/users/login', login);
    const send = async (method: string, path: string, body?: object): Promise<number> =>
      (await acme.hub.send(method, path, { token, ...(body && { body }) })).status;
    expect(await send('GET', '/v2/orgs/acme/members')).toBe(403);
    expect(await bodyOf(await acme.hub.send('GET', '/v2/orgs/acme', { token }))).toMatchObject({
      role: null,
    });
    expect(await send('PUT', '/v2/orgs/acme/members/bob', { role: 'owner' })).toBe(403);
    expect(await send('POST', '/v2/orgs', { orgname: 'mine' })).toBe(403);
    await acme.createPrivate('app');
    const path = '/v2/repositories/acme/app/collaborators';
    expect(await send('POST', path, { user: 'bob', permission: 'admin' })).toBe(403);
  });

  test('is deleted once it has no repositories, with its teams', async () => {
    await using acme = await Acme.create();
    await acme.team('web', 'bob');
    await acme.createPrivate('app');
    const kept = await acme.send('alice', 'DELETE', '/v2/orgs/acme');
    expect(kept.status).toBe(409);
    expect(await kept.text()).toContain('acme/app');
    await acme.send('alice', 'DELETE', '/v2/repositories/acme/app');
    expect(await acme.status('alice', 'DELETE', '/v2/orgs/acme')).toBe(204);
    expect(await acme.status(undefined, 'GET', '/v2/orgs/acme')).toBe(404);
    expect(await acme.json('bob', 'GET', '/v2/user/orgs')).toMatchObject({ count: 0 });
    // The deleted repository can be brought back for a while: nobody else gets the name, and that with it.
    expect(await acme.status('bob', 'POST', '/v2/orgs', { orgname: 'acme' })).toBe(400);
    await acme.send('bob', 'POST', '/v2/orgs', { orgname: 'empty' });
    expect(await acme.status('bob', 'DELETE', '/v2/orgs/empty')).toBe(204);
    expect(await acme.status('carol', 'POST', '/v2/orgs', { orgname: 'empty' })).toBe(201);
  });

  test('counts as a sign-up of its address', async () => {
    await using hub = await HubFixture.createWith({ settings: { CAIS_HUB_SIGN_UP_LIMIT: '2/1h' } }, 'alice');
    const token = await hub.session('alice');
    const make = async (orgname: string): Promise<number> =>
      (await hub.send('POST', '/v2/orgs', { token, body: { orgname } })).status;
    expect([await make('acme'), await make('other')]).toEqual([201, 429]);
  });
});

describe('members', () => {
  test('are listed with role and teams, found by name and by role', async () => {
    await using acme = await Acme.create();
    await acme.join('bob', 'editor');
    await acme.team('web', 'carol', 'bob');
    await acme.team('ops', 'carol');
    const list = await acme.json<{ count: number; results: object[] }>(
      'alice',
      'GET',
      '/v2/orgs/acme/members',
    );
    expect(list).toMatchObject({
      count: 3,
      results: [
        { username: 'alice', role: 'Owner', groups: [], email: 'alice@hub.test', is_guest: false },
        { username: 'bob', role: 'Editor', groups: ['web'] },
        { username: 'carol', role: 'Member', groups: ['ops', 'web'] },
      ],
    });
    const names = async (query: string): Promise<unknown> => {
      const page = await acme.json<{ results: { username: string }[] }>(
        'carol',
        'GET',
        `/v2/orgs/acme/members?${query}`,
      );
      return page.results.map(({ username }) => username);
    };
    expect(await names('role=editor')).toEqual(['bob']);
    expect(await names('search=AR')).toEqual(['carol']);
    expect(await names('search=%25')).toEqual([]);
    expect(await names('page_size=2&page=2')).toEqual(['carol']);
    const seen = await acme.json('carol', 'GET', '/v2/orgs/acme/members');
    expect(JSON.stringify(seen)).not.toContain('@');
  });

  test('change their role, and there is always an owner', async () => {
    await using acme = await Acme.create();
    expect(await acme.join('alice', 'member')).toBe(409);
    expect(await acme.status('alice', 'DELETE', '/v2/orgs/acme/members/alice')).toBe(409);
    expect(await acme.join('bob', 'owner')).toBe(200);
    expect(await acme.status('bob', 'PUT', '/v2/orgs/acme/members/alice', { role: 'member' })).toBe(200);
    expect(await acme.status('alice', 'PUT', '/v2/orgs/acme/members/alice', { role: 'owner' })).toBe(403);
    expect(await acme.status('bob', 'DELETE', '/v2/orgs/acme/members/bob')).toBe(409);
    await using shell = await acme.hub.openParts();
    const removal = removeUser(shell, 'bob').catch((error: unknown) => error);
    expect(await removal).toBeInstanceOf(ConflictError);
    expect(await acme.status('bob', 'PUT', '/v2/orgs/acme/members/nobody', { role: 'member' })).toBe(404);
    expect(await acme.status('bob', 'PUT', '/v2/orgs/acme/members/carol', { role: 'root' })).toBe(400);
  });

  test('stay an owner when two step down at once', async () => {
    await using acme = await Acme.create();
    await acme.join('bob', 'owner');
    const [first, second] = await Promise.all([
      acme.status('alice', 'PUT', '/v2/orgs/acme/members/alice', { role: 'member' }),
      acme.status('bob', 'PUT', '/v2/orgs/acme/members/bob', { role: 'member' }),
    ]);
    expect([first, second].toSorted((a, b) => a - b)).toEqual([200, 409]);
  });

  test('leave by themselves', async () => {
    await using acme = await Acme.create();
    await acme.join('carol', 'member');
    expect(await acme.status('carol', 'DELETE', '/v2/orgs/acme/members/carol')).toBe(204);
    expect(await acme.status('carol', 'GET', '/v2/orgs/acme/members')).toBe(403);
    expect(await acme.status('carol', 'DELETE', '/v2/orgs/acme/members/carol')).toBe(403);
  });
});
