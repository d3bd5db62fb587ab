/** Where an account is signed in: listed, and ended one by one or all at once. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { bodyOf, HubFixture, password } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

interface Listed {
  readonly id: number;
  readonly kind: string;
  readonly is_current: boolean;
  readonly user_agent: string;
  readonly address: string;
}

async function list(hub: HubFixture, token: string): Promise<readonly Listed[]> {
  const response = await hub.send('GET', '/v2/user/sessions', { token });
  expect(response.status).toBe(200);
  return (await bodyOf<{ results: Listed[] }>(response)).results;
}

async function signIn(hub: HubFixture, agent: string, address: string): Promise<string> {
  const response = await hub.send('POST', '/v2/users/login?refresh_token=true', {
    body: { username: 'alice', password },
    headers: { 'User-Agent': agent },
    address,
  });
  return (await bodyOf<{ token: string }>(response)).token;
}

async function isOpen(hub: HubFixture, token: string): Promise<boolean> {
  return (await hub.send('GET', '/v2/user', { token })).status === 200;
}

describe('the sessions of an account', () => {
  test('are listed with where they came from, without their secrets', async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    await hub.session('bob');
    const token = await signIn(hub, 'Firefox', '198.51.100.7');
    const listed = await list(hub, token);
    expect(listed).toHaveLength(2);
    expect(listed[1]).toMatchObject({
      kind: 'session',
      is_current: true,
      by_access_token: false,
      user_agent: 'Firefox',
      address: '198.51.100.7',
    });
    expect(listed[0]).toMatchObject({ kind: 'refresh', is_current: false });
    expect(JSON.stringify(listed)).not.toContain(token);
  });

  test('end one by one, for who owns them', async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    const [mine, other] = [await hub.session('alice'), await hub.session('alice')];
    const id = (await list(hub, mine)).find(({ is_current: isCurrent }) => !isCurrent)?.id;
    const bob = await hub.session('bob');
    expect((await hub.send('DELETE', `/v2/user/sessions/${id}`, { token: bob })).status).toBe(404);
    expect(await isOpen(hub, other)).toBe(true);
    expect((await hub.send('DELETE', `/v2/user/sessions/${id}`, { token: mine })).status).toBe(204);
    expect(await isOpen(hub, other)).toBe(false);
    expect((await hub.send('DELETE', `/v2/user/sessions/${id}`, { token: mine })).status).toBe(404);
    for (const odd of ['x', '1 OR 1=1', '-1', '9'.repeat(40)]) {
      const path = `/v2/user/sessions/${encodeURIComponent(odd)}`;
      expect((await hub.send('DELETE', path, { token: mine })).status).toBe(404);
    }
  });

  test('end all at once, but for the one that asks', async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    const mine = await hub.session('alice');
    const others = [await signIn(hub, 'a', '192.0.2.1'), await signIn(hub, 'b', '192.0.2.2')];
    const bob = await hub.session('bob');
    expect((await hub.send('DELETE', '/v2/user/sessions', { token: mine })).status).toBe(204);
    for (const other of others) expect(await isOpen(hub, other)).toBe(false);
    expect(await isOpen(hub, mine)).toBe(true);
    expect(await isOpen(hub, bob)).toBe(true);
    expect(await list(hub, mine)).toHaveLength(1);
  });

  test('end with a logout, a cookie too', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.session('alice');
    expect((await hub.send('POST', '/v2/logout', { token })).status).toBe(200);
    expect(await isOpen(hub, token)).toBe(false);
    expect((await hub.send('POST', '/v2/logout', { token })).status).toBe(200);
  });

  test('survive a restart of the hub', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.session('alice');
    await hub.restart();
    expect(await isOpen(hub, token)).toBe(true);
  });
});
