/** Who is believed when it says that a request comes from elsewhere: proxies that are configured, nobody else. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import fc from 'fast-check';
import { basic, HubFixture, password } from '../testing/hub-fixture.ts';
import { networkOf, TrustedProxies } from './client-address.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const proxies = new TrustedProxies(['10.0.0.0/8', '::1']);

function clientOf(peer: string, forwarded?: string): string {
  return proxies.clientOf(peer, new Headers(forwarded === undefined ? {} : { 'X-Forwarded-For': forwarded }));
}

describe('the client', () => {
  test.each<[string, string | undefined, string]>([
    // Nobody but a proxy is believed.
    ['203.0.113.9', '192.0.2.1', '203.0.113.9'],
    ['10.0.0.1', undefined, '10.0.0.1'],
    ['10.0.0.1', '192.0.2.1', '192.0.2.1'],
    ['::ffff:10.0.0.1', '192.0.2.1', '192.0.2.1'],
    ['::1', '2001:db8::1', '2001:db8::1'],
    // What stands before the last one the client may have written itself.
    ['10.0.0.1', '1.1.1.1, 192.0.2.1', '192.0.2.1'],
    ['10.0.0.1', '1.1.1.1, 192.0.2.1, 10.0.0.2', '192.0.2.1'],
    ['10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.1'],
    ['10.0.0.1', '192.0.2.1, nonsense', '10.0.0.1'],
    ['10.0.0.1', '', '10.0.0.1'],
  ])('behind %s with %p is %s', (peer, forwarded, expected) => {
    expect(clientOf(peer, forwarded)).toBe(expected);
  });

  test.each<[string, string | undefined, string]>([
    ['for=192.0.2.1', undefined, '192.0.2.1'],
    ['for=1.1.1.1, for="192.0.2.1:4711";proto=https', undefined, '192.0.2.1'],
    ['for=192.0.2.1;by=10.0.0.3, for=10.0.0.2', undefined, '192.0.2.1'],
    ['For="[2001:db8::1]:4711"', undefined, '2001:db8::1'],
    // A proxy that writes one of the two passes on what the client wrote in the other.
    ['for=192.0.2.1', '192.0.2.1', '192.0.2.1'],
    ['for=192.0.2.1', '192.0.2.2', '10.0.0.1'],
    ['for=unknown', undefined, '10.0.0.1'],
    ['for=_hidden', undefined, '10.0.0.1'],
    ['for="', undefined, '10.0.0.1'],
    ['for="', '192.0.2.1', '192.0.2.1'],
  ])('is told by a proxy as Forwarded: %s, with X-Forwarded-For %p: %s', (value, list, expected) => {
    const headers = new Headers({ Forwarded: value, ...(list !== undefined && { 'X-Forwarded-For': list }) });
    expect(proxies.clientOf('10.0.0.1', headers)).toBe(expected);
    expect(proxies.clientOf('203.0.113.9', headers)).toBe('203.0.113.9');
  });

  test('is never made up by a header that no proxy sent', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.array(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string())), (peer, entries) => {
        fc.pre(!peer.startsWith('10.'));
        const forwarded = entries.join(',').replaceAll(/[^\x20-\x7e]/g, '');
        expect(clientOf(peer, forwarded)).toBe(peer);
      }),
    );
  });

  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['unknown', 'unknown'],
  ])('%s is counted as %s', (address, expected) => {
    expect(networkOf(address)).toBe(expected);
  });
});

describe('the origin', () => {
  test.each<[Record<string, string>, string]>([
    [{ Forwarded: 'for=192.0.2.1;proto=https;host=hub.example' }, 'https://hub.example'],
    [{ Forwarded: 'proto=https;host=evil.test, proto=https;host=hub.example' }, 'https://hub.example'],
    [{ Forwarded: 'proto=https' }, 'https://inside.test'],
    [{ Forwarded: 'host=evil.test', 'X-Forwarded-Host': 'hub.example' }, 'http://inside.test'],
    [{ Forwarded: 'for=192.0.2.1', 'X-Forwarded-Proto': 'https' }, 'https://inside.test'],
  ])('told as %p is %s', (headers, expected) => {
    const request = new Request('http://inside.test/v2/', { headers });
    expect(proxies.originOf('10.0.0.1', request)).toBe(expected);
    expect(proxies.originOf('203.0.113.9', request)).toBeUndefined();
  });
});

describe('forwarded headers', () => {
  const spoofed = {
    'X-Forwarded-For': '203.0.113.5',
    'X-Forwarded-Host': 'evil.test',
    'X-Forwarded-Proto': 'https',
    'X-Real-IP': '203.0.113.6',
    'X-WebAuth-User': 'alice',
    Forwarded: 'for=203.0.113.7;host=evil.test',
  };

  test('of anybody change nothing: no realm, no address, no cookie, no limit, no account', async () => {
    await using hub = await HubFixture.createWith({ settings: { CAIS_HUB_TOKEN_LIMIT: '20/1m' } }, 'alice');
    const root = await hub.send('GET', '/v2/', { headers: spoofed });
    expect(root.status).toBe(401);
    expect(root.headers.get('WWW-Authenticate')).toContain('realm="http://hub.test/token"');
    const login = await hub.send('POST', '/v2/users/login', {
      headers: spoofed,
      body: { username: 'alice', password },
    });
    expect(login.headers.get('Set-Cookie')).not.toContain('Secure');
    expect(login.headers.get('Set-Cookie')).not.toContain('Domain');
    const token = await hub.token('alice', 'repository:alice/a:pull,push');
    const upload = await hub.send('POST', '/v2/alice/a/blobs/uploads/', { token, headers: spoofed });
    expect(upload.headers.get('Location')).toMatch(/^\/v2\/alice\/a\/blobs\/uploads\//);
    expect((await hub.send('GET', '/v2/user', { headers: spoofed })).status).toBe(401);
    const list = await hub.send('GET', '/v2/search/repositories?query=&page_size=1', { headers: spoofed });
    expect(await list.text()).not.toContain('evil.test');
    const statuses = [];
    for (let asked = 0; asked < 22; asked += 1) {
      const headers = { ...spoofed, 'X-Forwarded-For': `203.0.113.${asked}` };
      statuses.push((await hub.send('GET', '/token', { headers })).status);
    }
    expect(statuses).toContain(429);
  });

  test('of a proxy that is configured are the client’s address and the hub’s', async () => {
    const settings = { CAIS_HUB_TRUSTED_PROXIES: '192.0.2.0/24', CAIS_HUB_TOKEN_LIMIT: '2/1m' };
    await using hub = await HubFixture.createWith({ settings }, 'alice');
    const headers = {
      'X-Forwarded-For': '203.0.113.5',
      'X-Forwarded-Host': 'hub.example',
      'X-Forwarded-Proto': 'https',
    };
    const root = await hub.send('GET', '/v2/', { headers });
    expect(root.headers.get('WWW-Authenticate')).toContain('realm="https://hub.example/token"');
    const login = await hub.send('POST', '/v2/users/login', {
      headers,
      body: { username: 'alice', password },
    });
    expect(login.headers.get('Set-Cookie')).toContain('Secure');
    const ask = async (forwarded: string): Promise<number> =>
      (
        await hub.send('GET', '/token', {
          headers: { ...basic('alice', 'wrong'), 'X-Forwarded-For': forwarded },
        })
      ).status;
    expect([await ask('203.0.113.5'), await ask('203.0.113.5'), await ask('203.0.113.5')]).toEqual([
      401, 401, 429,
    ]);
    expect(await ask('203.0.113.6')).toBe(401);
    const odd = { 'X-Forwarded-Host': 'evil.test"/x', 'X-Forwarded-Proto': 'javascript' };
    const refused = await hub.send('GET', '/v2/', { headers: odd });
    expect(refused.headers.get('WWW-Authenticate')).toContain('realm="http://hub.test/token"');
  });
});
