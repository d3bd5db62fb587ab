/** A new password: by its owner, or by a reset that an administrator gave. Whoever was in by the old one is out. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { basic, bodyOf, HubFixture, password } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const next = 'another long one';

async function refreshToken(hub: HubFixture, username: string): Promise<string> {
  const form = new URLSearchParams({
    grant_type: 'password',
    username,
    password,
    access_type: 'offline',
  });
  const response = await hub.send('POST', '/token', { body: form.toString() });
  return (await bodyOf<{ refresh_token: string }>(response)).refresh_token;
}

async function refreshStatus(hub: HubFixture, refresh: string): Promise<number> {
  const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refresh });
  return (await hub.send('POST', '/token', { body: form.toString() })).status;
}

async function sessionStatus(hub: HubFixture, token: string): Promise<number> {
  return (await hub.send('GET', '/v2/user', { token })).status;
}

async function signInStatus(hub: HubFixture, username: string, secret: string): Promise<number> {
  return (await hub.send('GET', '/token', { headers: basic(username, secret) })).status;
}

function change(hub: HubFixture, token: string, old: string, new_password: string): Promise<Response> {
  return hub.send('POST', '/v2/user/password', { token, body: { old_password: old, new_password } });
}

describe('a changed password', () => {
  test('ends every other session and every refresh token, but not the session that changed it', async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    const [mine, other, bobs] = [
      await hub.session('alice'),
      await hub.session('alice'),
      await hub.session('bob'),
    ];
    const refresh = await refreshToken(hub, 'alice');
    expect(await refreshStatus(hub, refresh)).toBe(200);
    expect((await change(hub, mine, password, next)).status).toBe(204);
    expect(await sessionStatus(hub, mine)).toBe(200);
    expect(await sessionStatus(hub, other)).toBe(401);
    expect(await sessionStatus(hub, bobs)).toBe(200);
    expect(await refreshStatus(hub, refresh)).toBe(401);
    expect(await signInStatus(hub, 'alice', next)).toBe(200);
    // Also where it was right a moment ago and remembered as such.
    expect(await signInStatus(hub, 'alice', password)).toBe(401);
  });

  test('needs the old one, and to be long enough', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.session('alice');
    const refusals: [old: string, next: string, field: string][] = [
      ['wrong wrong', next, 'old_password'],
      ['', next, 'old_password'],
      [password, 'short', 'new_password'],
      [password, 'x'.repeat(1025), 'new_password'],
    ];
    for (const [old, given, field] of refusals) {
      const refused = await change(hub, token, old, given);
      expect(refused.status).toBe(400);
      expect(Object.keys((await bodyOf<{ fields: object }>(refused)).fields)).toEqual([field]);
    }
    expect(await signInStatus(hub, 'alice', password)).toBe(200);
  });

  test('is not guessed by way of a stolen session', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.session('alice');
    for (let tries = 0; tries < 10; tries += 1) await change(hub, token, `guess ${tries}`, next);
    const stopped = await change(hub, token, password, next);
    expect(stopped.status).toBe(429);
    expect(Number(stopped.headers.get('Retry-After'))).toBeGreaterThan(0);
  });

  test('counts to its last letter: none is cut off', async () => {
    await using hub = await HubFixture.create('alice');
    const long = 'x'.repeat(200);
    await change(hub, await hub.session('alice'), password, `${long}a`);
    expect(await signInStatus(hub, 'alice', `${long}b`)).toBe(401);
    expect(await signInStatus(hub, 'alice', `${long}a`)).toBe(200);
  });
});

describe('a password reset', () => {
  async function reset(hub: HubFixture, admin: string, name: string): Promise<string> {
    const response = await hub.send('POST', `/v2/users/${name}/password-reset`, { token: admin });
    expect(response.status).toBe(201);
    return (await bodyOf<{ token: string }>(response)).token;
  }

  function use(hub: HubFixture, token: string, given = next): Promise<Response> {
    return hub.send('POST', '/v2/users/reset-password', { body: { token, password: given } });
  }

  test('sets a new password once and ends all that was signed in', async () => {
    await using hub = await HubFixture.create('root1', 'alice');
    const session = await hub.session('alice');
    const refresh = await refreshToken(hub, 'alice');
    const secret = await reset(hub, await hub.session('root1'), 'alice');
    expect(await sessionStatus(hub, session)).toBe(200);
    expect((await use(hub, secret, 'short')).status).toBe(400);
    expect((await use(hub, secret)).status).toBe(204);
    expect(await sessionStatus(hub, session)).toBe(401);
    expect(await refreshStatus(hub, refresh)).toBe(401);
    expect(await signInStatus(hub, 'alice', next)).toBe(200);
    expect(await signInStatus(hub, 'alice', password)).toBe(401);
    expect((await use(hub, secret, 'a third long one')).status).toBe(401);
    expect((await use(hub, 'cais_reset_made_up')).status).toBe(401);
  });

  test('is for one of two who come with it at once', async () => {
    await using hub = await HubFixture.create('root1', 'alice');
    const secret = await reset(hub, await hub.session('root1'), 'alice');
    const answers = await Promise.all([use(hub, secret), use(hub, secret, 'a third long one')]);
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
  });

  test('is no session, and a session is no reset', async () => {
    await using hub = await HubFixture.create('root1', 'alice');
    const session = await hub.session('alice');
    const secret = await reset(hub, await hub.session('root1'), 'alice');
    expect(await sessionStatus(hub, secret)).toBe(401);
    expect(await refreshStatus(hub, secret)).toBe(401);
    expect((await use(hub, session)).status).toBe(401);
  });

  test('is given by an administrator alone, for an account that is there', async () => {
    await using hub = await HubFixture.create('root1', 'alice', 'bob');
    const path = '/v2/users/bob/password-reset';
    expect((await hub.send('POST', path)).status).toBe(401);
    expect((await hub.send('POST', path, { token: await hub.session('alice') })).status).toBe(403);
    const token = await hub.session('root1');
    expect((await hub.send('POST', '/v2/users/nobody/password-reset', { token })).status).toBe(404);
  });
});
