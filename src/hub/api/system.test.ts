/** What an administrator does: look after accounts, storage and garbage. For everybody else none of it is there. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { CorruptError } from '../../lib/errors.ts';
import { addUser } from '../accounts/administer.ts';
import { bodyOf, fingerprint, HubFixture, password } from '../testing/hub-fixture.ts';
import { routes } from './routes.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const forAdministrators = routes.filter(({ auth }) => auth === 'administrator');

describe('for everybody but an administrator', () => {
  test('there is no such address: not for who signed in, nor for an administrator’s access token', async () => {
    await using hub = await HubFixture.create('root1', 'alice');
    const root = await hub.session('root1');
    const { token: accessToken } = await bodyOf<{ token: string }>(
      await hub.send('POST', '/v2/access-tokens', {
        token: root,
        body: { token_label: 'all', scopes: ['repo:admin'] },
      }),
    );
    const byToken = await bodyOf<{ token: string }>(
      await hub.send('POST', '/v2/users/login', { body: { username: 'root1', password: accessToken } }),
    );
    const nothing = await fingerprint(await hub.send('GET', '/v2/system/nothing'));
    expect(forAdministrators.length).toBeGreaterThan(7);
    for (const token of [undefined, await hub.session('alice'), byToken.token]) {
      for (const { method, path } of forAdministrators) {
        const answer = await hub.send(method, path.replace('{username}', 'alice'), { token, body: {} });
        expect([path, await fingerprint(answer)]).toEqual([path, nothing]);
      }
    }
  });

  test('nobody can take the first part of its addresses as a name', async () => {
    await using hub = await HubFixture.create();
    const body = { username: 'system', email: 'a@hub.test', password };
    expect((await hub.send('POST', '/v2/users/signup/', { body })).status).toBe(400);
  });
});

interface User {
  readonly username: string;
  readonly is_admin: boolean;
  readonly is_active: boolean;
}

async function users(hub: HubFixture, token: string, query = ''): Promise<readonly User[]> {
  const response = await hub.send('GET', `/v2/system/users?query=${query}`, { token });
  return (await bodyOf<{ results: readonly User[] }>(response)).results;
}

const change = (hub: HubFixture, token: string, name: string, body: object): Promise<Response> =>
  hub.send('PATCH', `/v2/system/users/${name}`, { token, body });

describe('accounts', () => {
  test('are listed, and looked for by name and address', async () => {
    await using hub = await HubFixture.create('root1', 'alice', 'bob');
    const token = await hub.session('root1');
    const names = async (query: string) => (await users(hub, token, query)).map(({ username }) => username);
    expect(await names('')).toEqual(['alice', 'bob', 'root1']);
    expect(await names('ali')).toEqual(['alice']);
    expect(await names('bob@hub')).toEqual(['bob']);
    expect(await names('%25')).toEqual([]);
  });

  test('become an administrator’s and are one no longer', async () => {
    await using hub = await HubFixture.create('root1', 'alice');
    const root = await hub.session('root1');
    const alice = await hub.session('alice');
    expect((await change(hub, root, 'alice', { is_admin: true })).status).toBe(200);
    expect((await users(hub, alice)).length).toBe(2);
    expect((await change(hub, alice, 'root1', { is_admin: false })).status).toBe(200);
    expect((await hub.send('GET', '/v2/system/users', { token: root })).status).toBe(404);
  });

  test('that are switched off are out at once, with sessions, tokens and passwords; on again they are as before', async () => {
    await using hub = await HubFixture.create('root1', 'alice');
    const root = await hub.session('root1');
    const alice = await hub.session('alice');
    await hub.pushImage('alice', 'alice/app', '1.0');
    await hub.send('PATCH', '/v2/repositories/alice/app/', { token: alice, body: { is_private: true } });
    const { token: accessToken } = await bodyOf<{ token: string }>(
      await hub.send('POST', '/v2/access-tokens', {
        token: alice,
        body: { token_label: 'machine', scopes: ['repo:read'] },
      }),
    );
    const registryToken = await hub.fullToken('alice', 'alice/app');
    const states = async (): Promise<readonly number[]> => [
      (await hub.send('GET', '/v2/alice/app/manifests/1.0', { token: registryToken })).status,
      (await hub.send('GET', '/v2/user', { token: alice })).status,
      (await hub.send('POST', '/v2/users/login', { body: { username: 'alice', password } })).status,
      (await hub.send('POST', '/v2/users/login', { body: { username: 'alice', password: accessToken } }))
        .status,
    ];
    expect(await states()).toEqual([200, 200, 200, 200]);
    expect((await change(hub, root, 'alice', { is_active: false })).status).toBe(200);
    expect(await states()).toEqual([401, 401, 401, 401]);
    expect((await users(hub, root, 'alice'))[0]?.is_active).toBe(false);
    await change(hub, root, 'alice', { is_active: true });
    // Its sessions ended.
    expect(await states()).toEqual([200, 401, 200, 200]);
  });

  test('are not one’s own, nor an organization’s, nor nobody’s', async () => {
    await using hub = await HubFixture.create('root1');
    const root = await hub.session('root1');
    await hub.send('POST', '/v2/orgs', { token: root, body: { orgname: 'acme', full_name: '' } });
    expect((await change(hub, root, 'root1', { is_active: false })).status).toBe(409);
    expect((await change(hub, root, 'acme', { is_admin: true })).status).toBe(404);
    expect((await change(hub, root, 'nobody', { is_active: false })).status).toBe(404);
  });
});

test('storage is told by namespace, the largest first', async () => {
  await using hub = await HubFixture.create('root1', 'alice');
  await hub.pushImage('root1', 'root1/small', '1.0', 'x');
  await hub.pushImage('alice', 'alice/app', '1.0', 'a'.repeat(500));
  await hub.pushImage('alice', 'alice/app', '2.0', 'a'.repeat(500));
  const token = await hub.session('root1');
  const { results, disk } = await bodyOf<{
    results: readonly { namespace: string; repositories: number; tags: number; bytes: number }[];
    disk: { free: number; size: number };
  }>(await hub.send('GET', '/v2/system/storage', { token }));
  expect(results.map(({ namespace, repositories, tags }) => [namespace, repositories, tags])).toEqual([
    ['alice', 1, 2],
    ['root1', 1, 1],
  ]);
  expect(results[0]?.bytes).toBeGreaterThan(1000);
  expect(disk.free).toBeGreaterThan(0);
});

interface Garbage {
  readonly running: object | null;
  readonly results: readonly {
    readonly cause: string;
    readonly by: string;
    readonly dry_run: boolean;
    readonly blobs: number;
    readonly ended_at: string | null;
  }[];
}

describe('garbage', () => {
  const settings = { CAIS_HUB_GC_GRACE: '0' };
  const look = async (hub: HubFixture, token: string): Promise<Garbage> =>
    bodyOf<Garbage>(await hub.send('GET', '/v2/system/garbage', { token }));

  async function ended(hub: HubFixture, token: string): Promise<Garbage> {
    for (let times = 0; times < 500; times++) {
      const garbage = await look(hub, token);
      if (garbage.running === null) return garbage;
      await Bun.sleep(10);
    }
    throw new CorruptError('the collection does not end');
  }

  test('is looked for, then collected; each run is told with who asked for it', async () => {
    await using hub = await HubFixture.createWith({ settings }, 'root1');
    const token = await hub.session('root1');
    const push = await hub.fullToken('root1', 'root1/app');
    await hub.pushBlob(push, 'root1/app', 'nobody needs this');
    await Bun.sleep(5);
    for (const dry_run of [true, false, false]) {
      const begun = await hub.send('POST', '/v2/system/garbage', { token, body: { dry_run } });
      expect(begun.status).toBe(202);
      await ended(hub, token);
    }
    const { results } = await look(hub, token);
    expect(results.map(({ cause, by, dry_run, blobs }) => [cause, by, dry_run, blobs])).toEqual([
      ['person', 'root1', false, 0],
      ['person', 'root1', false, 1],
      ['person', 'root1', true, 1],
    ]);
    expect(results.every(({ ended_at }) => ended_at !== null)).toBe(true);
  });

  test('is collected once at a time', async () => {
    await using hub = await HubFixture.createWith({ settings }, 'root1');
    const token = await hub.session('root1');
    const begin = () => hub.send('POST', '/v2/system/garbage', { token, body: { dry_run: true } });
    const [first, second] = await Promise.all([begin(), begin()]);
    expect(new Set([first?.status, second?.status])).toEqual(new Set([202, 409]));
    expect((await hub.send('DELETE', '/v2/system/garbage', { token })).status).toBe(204);
    await ended(hub, token);
  });
});

test('settings are told as they are written', async () => {
  const settings = { CAIS_HUB_SIGN_UP: 'invite', CAIS_HUB_PULL_LIMIT: '100/6h', CAIS_HUB_GC_GRACE: '90s' };
  await using hub = await HubFixture.createWith({ settings });
  await using parts = await hub.openParts();
  // Nobody signs up here without an invitation: the shell makes the administrator.
  await addUser(parts, { username: 'root1', email: 'root1@hub.test', password });
  const token = await hub.session('root1');
  const { settings: told } = await bodyOf<{ settings: readonly { flag: string; value: string }[] }>(
    await hub.send('GET', '/v2/system/settings', { token }),
  );
  const values = Object.fromEntries(told.map(({ flag, value }) => [flag, value]));
  expect(values).toMatchObject({
    '--sign-up': 'invite',
    '--pull-limit': '100/6h',
    '--sign-up-limit': '30/1h',
    '--gc-grace': '90s',
    '--gc-interval': '6h',
    '--key-rotation': '30d',
    '--public-url': '',
  });
});
