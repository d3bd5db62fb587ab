/** Rights of single people on single repositories. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { Acme } from '../testing/acme.ts';
import { bodyOf } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

describe('collaborators on one repository', () => {
  async function withApp(): Promise<Acme> {
    const acme = await Acme.create();
    const body = { namespace: 'alice', name: 'app', is_private: true };
    await acme.send('alice', 'POST', '/v2/repositories', body);
    await acme.hub.pushImage('alice', 'alice/app', 'latest');
    return acme;
  }
  const path = '/v2/repositories/alice/app/collaborators';

  test('have the right that they were given, on that repository alone', async () => {
    await using acme = await withApp();
    const give = (permission?: string): Promise<number> =>
      acme.status('alice', 'POST', path, { user: 'bob', ...(permission !== undefined && { permission }) });
    expect(await acme.actions('bob', 'alice/app')).toBe('');
    expect(await give('read')).toBe(200);
    expect(await acme.actions('bob', 'alice/app')).toBe('pull');
    expect(await acme.status('bob', 'GET', path)).toBe(403);
    expect(await give()).toBe(200);
    expect(await acme.actions('bob', 'alice/app')).toBe('pull,push');
    expect(await give('admin')).toBe(200);
    expect(await acme.actions('bob', 'alice/app')).toBe('pull,push,delete');
    expect(await acme.actions('bob', 'alice/app2')).toBe('');
    expect(await acme.json('bob', 'GET', path)).toMatchObject({
      count: 1,
      results: [{ user: 'bob', permission: 'admin' }],
    });
    expect(await acme.json('bob', 'GET', '/v2/repositories/alice/app')).toMatchObject({
      collaborator_count: 1,
      permissions: { read: true, write: true, admin: true },
    });
  });

  test('are out at once when their right is taken, or they give it back', async () => {
    await using acme = await withApp();
    for (const who of ['alice', 'bob']) {
      await acme.send('alice', 'POST', path, { user: 'bob', permission: 'read' });
      const token = await acme.hub.token('bob', 'repository:alice/app:pull');
      const pull = async (): Promise<number> =>
        (await acme.hub.send('GET', '/v2/alice/app/manifests/latest', { token })).status;
      expect(await pull()).toBe(200);
      expect(await acme.status(who, 'DELETE', `${path}/bob`)).toBe(204);
      expect(await pull()).toBe(401);
    }
    expect(await acme.status('alice', 'DELETE', `${path}/bob`)).toBe(404);
  });

  test('of an organization’s repository lose their right with their membership', async () => {
    await using acme = await Acme.create();
    await acme.createPrivate('app');
    await acme.join('bob', 'member');
    const body = { user: 'bob', permission: 'write' };
    expect(await acme.status('alice', 'POST', '/v2/repositories/acme/app/collaborators', body)).toBe(200);
    expect(await acme.actions('bob', 'acme/app')).toBe('pull,push');
    expect(await acme.status('alice', 'DELETE', '/v2/orgs/acme/members/bob')).toBe(204);
    expect(await acme.actions('bob', 'acme/app')).toBe('');
  });

  test('are named by an administrator of the repository alone', async () => {
    await using acme = await withApp();
    const body = { user: 'bob', permission: 'admin' };
    await acme.send('alice', 'POST', path, { user: 'carol', permission: 'write' });
    expect(await acme.status(undefined, 'POST', path, body)).toBe(404);
    expect(await acme.status('bob', 'POST', path, body)).toBe(404);
    expect(await acme.status('carol', 'POST', path, body)).toBe(403);
    expect(await acme.status('carol', 'DELETE', `${path}/bob`)).toBe(403);
  });

  test.each(['nobody', 'acme', 'alice'])('are people other than the owner, not %p', async (user) => {
    await using acme = await withApp();
    const refused = await acme.send('alice', 'POST', path, { user });
    expect(refused.status).toBe(400);
    expect(Object.keys((await bodyOf<{ fields: object }>(refused)).fields)).toEqual(['user']);
  });
});
