import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { sql } from 'kysely';
import { HubFixture, origin, password } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

async function signUp(hub: HubFixture, body: object): Promise<Response> {
  return hub.send('POST', '/v2/users/signup/', { body });
}

async function fieldsOf(response: Response): Promise<readonly string[]> {
  const body = (await response.json()) as { fields?: object };
  return Object.keys(body.fields ?? {});
}

describe('sign-up', () => {
  test('makes an account, the first one an administrator whatever is asked for', async () => {
    await using hub = await HubFixture.create();
    const asked = { username: 'alice', email: 'a@hub.test', password, is_admin: false, id: 77 };
    expect((await signUp(hub, asked)).status).toBe(204);
    expect((await signUp(hub, { ...asked, username: 'bob', is_admin: true })).status).toBe(204);
    const admins = await Promise.all(
      ['alice', 'bob'].map(async (name) => {
        const response = await hub.send('GET', '/v2/user/', { token: await hub.session(name) });
        return ((await response.json()) as { is_admin: boolean }).is_admin;
      }),
    );
    expect(admins).toEqual([true, false]);
  });

  test.each([
    'a',
    'Alice',
    'al ice',
    'a..b',
    '-a',
    'a-',
    'a/b',
    'ü2',
    'x'.repeat(31),
    '',
    'library',
    'users',
    'search',
    'repositories',
  ])('refuses the name %p', async (username) => {
    await using hub = await HubFixture.create();
    const response = await signUp(hub, { username, email: 'a@hub.test', password });
    expect(response.status).toBe(400);
    expect(await fieldsOf(response)).toEqual(['username']);
  });

  test('names every field that is wrong', async () => {
    await using hub = await HubFixture.create('alice');
    expect(await fieldsOf(await signUp(hub, { username: '!', email: 'x', password: 'short' }))).toEqual([
      'username',
      'email',
      'password',
    ]);
    expect(await fieldsOf(await signUp(hub, { username: 'alice', email: 'b@hub.test', password }))).toEqual([
      'username',
    ]);
    expect(await fieldsOf(await signUp(hub, { username: 7 }))).toEqual(['username', 'email', 'password']);
  });

  test('keeps passwords as argon2id and sessions as hashes', async () => {
    await using hub = await HubFixture.create('alice');
    const session = await hub.session('alice');
    const [account] = await hub.query(sql<{ password_hash: string }>`SELECT * FROM accounts`);
    expect(account?.password_hash).toStartWith('$argon2id$');
    const rows = JSON.stringify(await hub.query(sql`SELECT * FROM sessions`));
    expect(rows).not.toContain(session);
  });
});

describe('a session', () => {
  test('is a bearer token and a cookie that scripts cannot read', async () => {
    await using hub = await HubFixture.create('alice');
    const response = await hub.send('POST', '/v2/users/login', { body: { username: 'Alice', password } });
    expect(response.status).toBe(200);
    const cookie = response.headers.get('Set-Cookie') ?? '';
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Lax');
    const headers = { Cookie: `other=1; ${cookie.split(';')[0]}` };
    expect((await hub.send('GET', '/v2/user/', { headers })).status).toBe(200);
    expect((await hub.send('POST', '/v2/logout/', { headers, body: {} })).status).toBe(200);
    expect((await hub.send('GET', '/v2/user/', { headers })).status).toBe(401);
  });

  test('is not given for a wrong password or an unknown name, with the same words', async () => {
    await using hub = await HubFixture.create('alice');
    const bodies = ['alice', 'nobody'].map((username) => ({ username, password: 'wrong wrong' }));
    const answers = await Promise.all(bodies.map((body) => hub.send('POST', '/v2/users/login/', { body })));
    expect(answers.map(({ status }) => status)).toEqual([401, 401]);
    const [first, second] = await Promise.all(answers.map((answer) => answer.text()));
    expect(first).toBe(second ?? '');
  });

  test("in a cookie does not serve another site's requests", async () => {
    await using hub = await HubFixture.create('alice');
    const headers = { Cookie: `cais_session=${await hub.session('alice')}` };
    const body = { namespace: 'alice', name: 'app' };
    const send = (origin: string): Promise<Response> =>
      hub.send('POST', '/v2/repositories/', { headers: { ...headers, Origin: origin }, body });
    expect((await send('http://evil.test')).status).toBe(403);
    expect((await send('null')).status).toBe(403);
    expect((await send(origin)).status).toBe(201);
    const form = await hub.send('POST', '/v2/users/login/', {
      headers: { 'Content-Type': 'text/plain' },
      body: JSON.stringify({ username: 'alice', password }),
    });
    expect(form.status).toBe(400);
  });

  test('of credentials for tools lasts ten minutes', async () => {
    await using hub = await HubFixture.create('alice');
    const response = await hub.send('POST', '/v2/auth/token', {
      body: { identifier: 'alice', secret: password },
    });
    const { access_token: token } = (await response.json()) as { access_token: string };
    expect((await hub.send('GET', '/v2/user', { token })).status).toBe(200);
  });
});
