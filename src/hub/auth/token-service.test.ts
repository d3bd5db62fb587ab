import { describe, expect, setDefaultTimeout, spyOn, test } from 'bun:test';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { removeUser } from '../accounts/administer.ts';
import { basic, bodyOf, codesOf, HubFixture, origin, password } from '../testing/hub-fixture.ts';
import { SigningKeys } from './signing-keys.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

async function grantedBy(response: Response): Promise<unknown> {
  const { token } = (await response.json()) as { token: string };
  return decodeJwt(token)['access'];
}

describe('the token service', () => {
  test('is named in the challenge, as the client reached the hub', async () => {
    await using hub = await HubFixture.create('alice');
    const root = await hub.send('GET', '/v2/');
    expect(root.status).toBe(401);
    expect(root.headers.get('Docker-Distribution-Api-Version')).toBe('registry/2.0');
    expect(root.headers.get('WWW-Authenticate')).toBe(`Bearer realm="${origin}/token",service="cais-hub"`);
    const mount = await hub.send('POST', '/v2/alice/a/blobs/uploads/?mount=x&from=alice/b');
    expect(mount.headers.get('WWW-Authenticate')).toBe(
      `Bearer realm="${origin}/token",service="cais-hub",scope="repository:alice/a:pull,push repository:alice/b:pull"`,
    );
    const spoofed = await hub.send('GET', '/v2/', {
      headers: { 'X-Forwarded-Host': 'evil.test', 'X-Forwarded-Proto': 'https' },
    });
    expect(spoofed.headers.get('WWW-Authenticate')).toContain(`realm="${origin}/token"`);
  });

  test('gives what was asked for as far as the policy goes, without an error', async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    await hub.pushImage('alice', 'alice/app', 'latest');
    const query = '/token?service=cais-hub&scope=repository:alice/app:pull,push&scope=repository:bob/x:*';
    const bob = await hub.send('GET', query, { headers: basic('bob', password) });
    expect(bob.status).toBe(200);
    expect(await grantedBy(bob)).toEqual([
      { type: 'repository', name: 'alice/app', actions: ['pull'] },
      { type: 'repository', name: 'bob/x', actions: ['pull', 'push', 'delete'] },
    ]);
    expect(await grantedBy(await hub.send('GET', query))).toEqual([
      { type: 'repository', name: 'alice/app', actions: ['pull'] },
    ]);
  });

  test('answers a sign-in without a scope, and tells old and new clients the same', async () => {
    await using hub = await HubFixture.create('alice');
    const response = await hub.send('GET', '/token?account=alice&client_id=docker&offline_token=true', {
      headers: basic('alice', password),
    });
    const body = (await response.json()) as Record<string, unknown>;
    expect(body['token']).toBe(body['access_token'] as string);
    expect(body['expires_in']).toBe(300);
    // podman refuses to share a login that holds an identity token.
    expect(body['refresh_token']).toBeUndefined();
    expect((await hub.send('GET', '/v2/', { token: String(body['token']) })).status).toBe(200);
  });

  test('takes the OAuth2 form', async () => {
    await using hub = await HubFixture.create('alice');
    const form = new URLSearchParams({
      grant_type: 'password',
      client_id: 'containerd-client',
      service: 'cais-hub',
      username: 'alice',
      password,
      scope: 'repository:alice/a:pull repository:alice/a:pull,push',
    });
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const response = await hub.send('POST', '/token', { headers, body: form.toString() });
    expect(response.status).toBe(200);
    const body = (await response.json()) as Record<string, unknown>;
    expect(body['scope']).toBe('repository:alice/a:pull,push');
    const other = await hub.send('POST', '/token', { headers, body: 'grant_type=magic' });
    expect(await other.json()).toEqual({ error: 'unsupported_grant_type' });
  });

  test('reads no more of a form than a form needs, whatever length it tells', async () => {
    await using hub = await HubFixture.create('alice');
    const chunks = 400;
    let read = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        read += 1;
        if (read > chunks) controller.close();
        else controller.enqueue(new Uint8Array(16 * 1024));
      },
    });
    const response = await hub.send('POST', '/token', { body: endless });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error: 'invalid_request' });
    expect(read).toBeLessThan(chunks / 10);
  });

  test('refuses a wrong password and an unknown name alike', async () => {
    await using hub = await HubFixture.create('alice');
    const wrong = await hub.send('GET', '/token', { headers: basic('alice', 'nope') });
    const unknown = await hub.send('GET', '/token', { headers: basic('nobody', 'nope') });
    expect(wrong.status).toBe(401);
    expect(await wrong.text()).toBe(await unknown.text());
    for (const header of ['Basic', 'Basic !!!', `Basic ${btoa('no colon')}`]) {
      const odd = await hub.send('GET', '/token', { headers: { Authorization: header } });
      expect([200, 400]).toContain(odd.status);
    }
  });

  test('does the same work for an unknown name, an organization and a wrong password', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.send('POST', '/v2/orgs', { token: await hub.session('alice'), body: { orgname: 'acme' } });
    using verify = spyOn(Bun.password, 'verify');
    for (const name of ['alice', 'nobody', 'acme']) {
      verify.mockClear();
      expect((await hub.send('GET', '/token', { headers: basic(name, 'a wrong one') })).status).toBe(401);
      expect(verify).toHaveBeenCalledTimes(1);
    }
  });

  test('publishes the keys that verify its tokens, old ones as long as their tokens run', async () => {
    await using hub = await HubFixture.create('alice');
    const keySet = async (): Promise<JSONWebKeySet> =>
      bodyOf(await hub.send('GET', '/.well-known/jwks.json'));
    const verifies = async (token: string): Promise<void> => {
      const { payload } = await jwtVerify(token, createLocalJWKSet(await keySet()), {
        algorithms: ['ES256'],
      });
      expect(payload.exp).toBe((payload.iat ?? 0) + 300);
    };
    const old = await hub.token('alice');
    await verifies(old);
    // As `cais hub keys rotate` does beside it; the hub looks again when it starts, and every half minute.
    {
      await using parts = await hub.openParts();
      await (await SigningKeys.open(parts.database, hub.config().keysDirectory)).rotate();
    }
    await hub.restart();
    const fresh = await hub.token('alice');
    expect(decodeProtectedHeader(fresh).kid).not.toBe(decodeProtectedHeader(old).kid);
    for (const token of [old, fresh]) {
      await verifies(token);
      expect((await hub.send('GET', '/v2/', { token })).status).toBe(200);
    }
    expect((await keySet()).keys).toHaveLength(2);
    expect(JSON.stringify(await keySet())).not.toContain('"d"');
  });

  test('reads ten thousand scopes, odd ones too, without a fault', async () => {
    await using hub = await HubFixture.create('alice');
    const scope = Array.from({ length: 10_000 }, (_, number) => `repository:alice/r${number % 50}:pull`);
    const body = new URLSearchParams({ grant_type: 'password', username: 'alice', password, scope: '' });
    for (const each of scope.slice(0, 900)) body.append('scope', each);
    const many = await hub.send('POST', '/token', { body: body.toString() });
    expect(many.status).toBe(200);
    const one = await hub.send('GET', `/token?${new URLSearchParams({ scope: scope.join(' ') })}`, {
      headers: basic('alice', password),
    });
    expect(await grantedBy(one)).toHaveLength(50);
    const odd = [
      'repository:alice/ü:pull',
      'repository:alice/a\n:pull',
      ':::',
      'repository:*:*',
      '\0',
      'a:b',
    ];
    const none = await hub.send('GET', `/token?${new URLSearchParams(odd.map((each) => ['scope', each]))}`, {
      headers: basic('alice', password),
    });
    expect(await grantedBy(none)).toEqual([]);
  });

  test('stops guessing after ten failures, for that account from that address', async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    for (let tries = 0; tries < 10; tries += 1) {
      await hub.send('GET', '/token', { headers: basic('alice', `guess ${tries}`) });
    }
    const stopped = await hub.send('GET', '/token', { headers: basic('alice', password) });
    expect(stopped.status).toBe(429);
    expect(Number(stopped.headers.get('Retry-After'))).toBeGreaterThan(0);
    expect(await codesOf(stopped)).toEqual(['TOOMANYREQUESTS']);
    expect((await hub.send('GET', '/token', { headers: basic('bob', password) })).status).toBe(200);
  });

  test('stops guessing as well when all guesses come at once', async () => {
    await using hub = await HubFixture.create('alice');
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, tries) =>
        hub.send('GET', '/token', { headers: basic('alice', `guess ${tries}`) }),
      ),
    );
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(20);
  });

  test("stops a removed account's token at once", async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    await hub.pushImage('alice', 'alice/app', 'latest');
    const token = await hub.token('bob', 'repository:alice/app:pull');
    expect((await hub.send('GET', '/v2/alice/app/manifests/latest', { token })).status).toBe(200);
    await using shell = await hub.openParts();
    await removeUser(shell, 'bob');
    expect((await hub.send('GET', '/v2/alice/app/manifests/latest', { token })).status).toBe(401);
  });
});
