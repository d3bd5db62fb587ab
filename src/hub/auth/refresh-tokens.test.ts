/** Refresh tokens: what docker keeps instead of the password. Good for one service, and no longer than who it was given to. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { decodeJwt } from 'jose';
import { removeUser } from '../accounts/administer.ts';
import { basic, bodyOf, HubFixture, password } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const offline = { settings: { CAIS_HUB_OFFLINE_TOKENS: 'yes' } };

function post(hub: HubFixture, form: Record<string, string>): Promise<Response> {
  return hub.send('POST', '/token', { body: new URLSearchParams(form).toString() });
}

/** As `docker login` asks for one. */
async function login(hub: HubFixture, query = ''): Promise<string> {
  const path = `/token?account=alice&client_id=docker&offline_token=true${query}`;
  const response = await hub.send('GET', path, { headers: basic('alice', password) });
  return (await bodyOf<{ refresh_token: string }>(response)).refresh_token;
}

/** As `docker push` uses it. */
function refresh(hub: HubFixture, token: string, more: Record<string, string> = {}): Promise<Response> {
  return post(hub, { grant_type: 'refresh_token', refresh_token: token, client_id: 'docker', ...more });
}

describe('a refresh token', () => {
  test('gives registry tokens with what the account may at that moment', async () => {
    await using hub = await HubFixture.createWith(offline, 'alice');
    const token = await login(hub);
    const scope = 'repository:alice/a:push,pull repository:bob/b:pull';
    const response = await refresh(hub, token, { scope });
    expect(response.status).toBe(200);
    const body = await bodyOf<{ scope: string; refresh_token: string; access_token: string }>(response);
    expect(body.scope).toBe('repository:alice/a:push,pull');
    expect(body.refresh_token).toBe(token);
    expect(decodeJwt(body.access_token)['access']).toEqual([
      { type: 'repository', name: 'alice/a', actions: ['push', 'pull'] },
    ]);
    // It is nothing else than that.
    expect((await hub.send('GET', '/v2/user', { token })).status).toBe(401);
    expect((await hub.send('GET', '/v2/', { token })).status).toBe(401);
  });

  test('is taken by the service that it was made for alone', async () => {
    await using hub = await HubFixture.createWith(offline, 'alice');
    const ours = await login(hub, '&service=cais-hub');
    expect((await refresh(hub, ours)).status).toBe(200);
    expect((await refresh(hub, ours, { service: 'cais-hub' })).status).toBe(200);
    expect((await refresh(hub, ours, { service: 'elsewhere' })).status).toBe(401);
    const other = await login(hub, '&service=elsewhere');
    expect((await refresh(hub, other)).status).toBe(401);
    expect((await refresh(hub, other, { service: 'elsewhere' })).status).toBe(200);
  });

  test('is given only where the hub gives them and a client asks by name and password', async () => {
    await using closed = await HubFixture.create('alice');
    expect(await login(closed)).toBeUndefined();
    await using hub = await HubFixture.createWith(offline, 'alice');
    const unasked = await hub.send('GET', '/token', { headers: basic('alice', password) });
    expect(await bodyOf(unasked)).not.toHaveProperty('refresh_token');
    const anonymous = await hub.send('GET', '/token?offline_token=true');
    expect(await bodyOf(anonymous)).not.toHaveProperty('refresh_token');
  });

  test('ends with its account, with its session in the list, and is never made up', async () => {
    await using hub = await HubFixture.createWith(offline, 'alice', 'bob');
    const token = await login(hub);
    const session = await hub.session('alice');
    const listed = await bodyOf<{ results: { id: number; kind: string }[] }>(
      await hub.send('GET', '/v2/user/sessions', { token: session }),
    );
    const id = listed.results.find(({ kind }) => kind === 'refresh')?.id;
    await hub.send('DELETE', `/v2/user/sessions/${id}`, { token: session });
    expect((await refresh(hub, token)).status).toBe(401);
    const other = await login(hub);
    await using shell = await hub.openParts();
    await removeUser(shell, 'alice');
    for (const ended of [other, session, '', 'cais_rt_made_up']) {
      expect((await refresh(hub, ended)).status).toBe(401);
    }
  });

  test('survives a restart of the hub, and keys that change', async () => {
    await using hub = await HubFixture.createWith(offline, 'alice');
    const token = await login(hub);
    await hub.restart();
    expect((await refresh(hub, token)).status).toBe(200);
  });
});
