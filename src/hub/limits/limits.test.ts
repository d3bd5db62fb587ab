/** What may be asked for too often: sign-ins, sign-ups, tokens, anonymous pulls. Answered with 429, and when to come back. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { basic, bodyOf, codesOf, HubFixture, password } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

function expectStop(response: Response, limit: string): void {
  expect(response.status).toBe(429);
  const window = Number(/w=(\d+)$/.exec(limit)?.[1]);
  const retryAfter = Number(response.headers.get('Retry-After'));
  expect(retryAfter).toBeGreaterThan(0);
  expect(retryAfter).toBeLessThanOrEqual(window);
  expect(response.headers.get('RateLimit-Limit')).toBe(limit);
  expect(response.headers.get('RateLimit-Remaining')).toBe(`0;w=${window}`);
}

describe('sign-ins', () => {
  const login = (hub: HubFixture, username: string, given: string, address: string): Promise<Response> =>
    hub.send('POST', '/v2/users/login', { body: { username, password: given }, address });

  test('have ten failures for an account from an address, on all ways in together', async () => {
    await using hub = await HubFixture.create('alice');
    const from = '198.51.100.1';
    for (let tries = 0; tries < 5; tries += 1) {
      await login(hub, 'alice', 'wrong wrong', from);
      await hub.send('GET', '/token', { headers: basic('Alice', 'wrong'), address: from });
    }
    expectStop(await login(hub, 'alice', password, from), '10;w=300');
    expectStop(
      await hub.send('GET', '/v1/search?q=a', { headers: basic('alice', password), address: from }),
      '10;w=300',
    );
    // Nobody locks somebody else out from elsewhere.
    expect((await login(hub, 'alice', password, '198.51.100.2')).status).toBe(200);
  });

  test('count access tokens that are made up as well', async () => {
    await using hub = await HubFixture.create('alice');
    for (let tries = 0; tries < 10; tries += 1) {
      await hub.send('GET', '/token', { headers: basic('alice', `dckr_pat_${tries}`) });
    }
    const stopped = await hub.send('GET', '/token', { headers: basic('alice', 'dckr_pat_x') });
    expectStop(stopped, '10;w=300');
    expect(await codesOf(stopped)).toEqual(['TOOMANYREQUESTS']);
  });

  test('count what cannot be a name as one, however many there are', async () => {
    await using hub = await HubFixture.create('alice');
    for (let tries = 0; tries < 10; tries += 1) {
      const answer = await login(hub, `${'x'.repeat(1000)}${tries}`, 'wrong wrong', '198.51.100.1');
      expect(answer.status).toBe(401);
    }
    expectStop(await login(hub, 'no name at all', password, '198.51.100.1'), '10;w=300');
    expect((await login(hub, 'alice', password, '198.51.100.1')).status).toBe(200);
  });

  test('count the /64 that an IPv6 customer has as one address', async () => {
    await using hub = await HubFixture.create('alice');
    for (let tries = 0; tries < 10; tries += 1) {
      await login(hub, 'alice', 'wrong wrong', `2001:db8:1:2::${tries}`);
    }
    expectStop(await login(hub, 'alice', password, '2001:db8:1:2:ffff::1'), '10;w=300');
    expect((await login(hub, 'alice', password, '2001:db8:1:3::1')).status).toBe(200);
  });
});

describe('sign-ups', () => {
  test('are limited by address, refused ones too', async () => {
    await using hub = await HubFixture.createWith({ settings: { CAIS_HUB_SIGN_UP_LIMIT: '3/1h' } });
    const signUp = (username: string, address: string): Promise<Response> =>
      hub.send('POST', '/v2/users/signup', {
        body: { username, email: 'a@hub.test', password },
        address,
      });
    const statuses = [];
    for (const name of ['alice', 'alice', '!']) statuses.push((await signUp(name, '192.0.2.1')).status);
    expect(statuses).toEqual([204, 400, 400]);
    expectStop(await signUp('bob', '192.0.2.1'), '3;w=3600');
    expect((await signUp('bob', '192.0.2.2')).status).toBe(204);
  });
});

describe('registry tokens', () => {
  test('are limited by address, before credentials are looked at', async () => {
    await using hub = await HubFixture.createWith({ settings: { CAIS_HUB_TOKEN_LIMIT: '3/1m' } }, 'alice');
    for (let asked = 0; asked < 3; asked += 1) {
      expect((await hub.send('GET', '/token')).status).toBe(200);
    }
    const stopped = await hub.send('GET', '/token', { headers: basic('alice', password) });
    expectStop(stopped, '3;w=60');
    expect(await codesOf(stopped)).toEqual(['TOOMANYREQUESTS']);
  });

  test('are limited by account, wherever it asks from', async () => {
    await using hub = await HubFixture.createWith(
      { settings: { CAIS_HUB_TOKEN_LIMIT: '3/1m' } },
      'alice',
      'bob',
    );
    const ask = (name: string, address: string): Promise<Response> =>
      hub.send('GET', '/token', { headers: basic(name, password), address });
    for (const last of [1, 2, 3]) expect((await ask('alice', `198.51.100.${last}`)).status).toBe(200);
    expectStop(await ask('alice', '198.51.100.4'), '3;w=60');
    expect((await ask('bob', '198.51.100.4')).status).toBe(200);
  });

  test('are given again when the time is over', async () => {
    await using hub = await HubFixture.createWith({ settings: { CAIS_HUB_TOKEN_LIMIT: '1/2s' } });
    expect((await hub.send('GET', '/token')).status).toBe(200);
    expect((await hub.send('GET', '/token')).status).toBe(429);
    await Bun.sleep(2100);
    expect((await hub.send('GET', '/token')).status).toBe(200);
  });
});

describe('anonymous pulls', () => {
  const limited = { settings: { CAIS_HUB_PULL_LIMIT: '2/6h' } };
  const manifest = '/v2/alice/app/manifests/latest';

  test('are counted by manifest and told in headers that Docker’s tools read', async () => {
    await using hub = await HubFixture.createWith(limited, 'alice');
    const { layer } = await hub.pushImage('alice', 'alice/app', 'latest');
    const token = await hub.token(undefined, 'repository:alice/app:pull');
    const left = async (method: string): Promise<string | null> => {
      const response = await hub.send(method, manifest, { token });
      expect(response.status).toBe(200);
      expect(response.headers.get('RateLimit-Limit')).toBe('2;w=21600');
      expect(response.headers.get('Docker-RateLimit-Source')).toBe('192.0.2.1');
      return response.headers.get('RateLimit-Remaining');
    };
    // A HEAD is how tools ask for the numbers.
    expect(await left('HEAD')).toBe('2;w=21600');
    expect(await left('GET')).toBe('1;w=21600');
    expect(await left('GET')).toBe('0;w=21600');
    const stopped = await hub.send('GET', manifest, { token });
    expectStop(stopped, '2;w=21600');
    expect(await codesOf(stopped)).toEqual(['TOOMANYREQUESTS']);
    expect((await hub.send('GET', `/v2/alice/app/blobs/${layer}`, { token })).status).toBe(200);
    expect((await hub.send('GET', manifest, { token, address: '192.0.2.2' })).status).toBe(200);
  });

  test('are no longer limited for who signs in', async () => {
    await using hub = await HubFixture.createWith(limited, 'alice', 'bob');
    await hub.pushImage('alice', 'alice/app', 'latest');
    const token = await hub.token('bob', 'repository:alice/app:pull');
    for (let pulls = 0; pulls < 4; pulls += 1) {
      const response = await hub.send('GET', manifest, { token });
      expect(response.status).toBe(200);
      expect(response.headers.get('RateLimit-Limit')).toBeNull();
    }
  });

  test('of what is not there count nothing', async () => {
    await using hub = await HubFixture.createWith(limited, 'alice');
    await hub.pushImage('alice', 'alice/app', 'latest');
    const token = await hub.token(undefined, 'repository:alice/app:pull');
    for (let pulls = 0; pulls < 4; pulls += 1) {
      expect((await hub.send('GET', '/v2/alice/app/manifests/none', { token })).status).toBe(404);
    }
    expect((await hub.send('GET', manifest, { token })).status).toBe(200);
  });

  test('are free where nothing is set', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushImage('alice', 'alice/app', 'latest');
    const token = await hub.token(undefined, 'repository:alice/app:pull');
    const response = await hub.send('GET', manifest, { token });
    expect(response.headers.get('RateLimit-Limit')).toBeNull();
  });
});

describe('a body of the JSON API', () => {
  test('is read no further than its limit, whatever length it tells', async () => {
    await using hub = await HubFixture.create();
    const chunks = 400;
    let read = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        read += 1;
        if (read > chunks) controller.close();
        else controller.enqueue(new Uint8Array(64 * 1024).fill(0x20));
      },
    });
    const headers = { 'Content-Type': 'application/json' };
    const response = await hub.send('POST', '/v2/users/login', { headers, body: endless });
    expect(response.status).toBe(400);
    expect((await bodyOf<{ message: string }>(response)).message).toContain('more than 524288 bytes');
    expect(read).toBeLessThan(chunks / 10);
  });

  test('may be nested as deep as it likes', async () => {
    await using hub = await HubFixture.create();
    const headers = { 'Content-Type': 'application/json' };
    const body = '['.repeat(100_000) + ']'.repeat(100_000);
    expect((await hub.send('POST', '/v2/users/login', { headers, body })).status).toBe(400);
  });
});
