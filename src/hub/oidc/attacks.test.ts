/** What a provider's answer must not do, whoever made it up. */
import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  setDefaultTimeout,
  setSystemTime,
  test,
} from 'bun:test';
import { HubFixture } from '../testing/hub-fixture.ts';
import { LyingProvider } from '../testing/lying-provider.ts';
import { locationOf, ProviderVisitor } from '../testing/provider-visitor.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

let provider: LyingProvider;
let hub: HubFixture;
beforeAll(async () => {
  provider = new LyingProvider();
  hub = await HubFixture.createWith({ settings: provider.settings() }, 'root1');
});
afterEach(() => {
  Object.assign(provider, { claims: {}, answer: {}, description: {}, signature: 'honest', tokenStatus: 200 });
  setSystemTime();
});
afterAll(async () => {
  await hub?.[Symbol.asyncDispose]();
  await provider?.[Symbol.asyncDispose]();
});

const refused = '/login?failure=refused';
const expired = '/login?failure=expired';

/** Signs in with whatever the provider makes of it. */
async function attempt(change: Readonly<Record<string, string>> = {}) {
  const visitor = new ProviderVisitor(hub);
  const to = await visitor.arrive(provider.callback(await visitor.leave(), change));
  return { visitor, to };
}

async function expectRefused(what: string, change: Readonly<Record<string, string>> = {}): Promise<void> {
  const { visitor, to } = await attempt(change);
  expect([what, to]).toEqual([what, refused]);
  expect([what, await visitor.whoAmI(), visitor.cookies.size]).toEqual([what, undefined, 0]);
}

test('an honest answer signs in, so that the refusals below mean something', async () => {
  const { visitor, to } = await attempt();
  expect(to).toBe('/login/finish?next=%2F');
  expect(await visitor.whoAmI()).toBe('mallory');
});

describe('a logout token', () => {
  const now = Math.floor(Date.now() / 1000);
  const send = async (token: string): Promise<number> => {
    const body = new URLSearchParams({ logout_token: token }).toString();
    return (await hub.send('POST', '/oidc/backchannel-logout', { body })).status;
  };

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['for another client', { aud: 'another' }],
    ['of another issuer', { iss: 'https://sign-in.example' }],
    ['that ran out', { exp: now - 600, iat: now - 900 }],
    ['that never runs out', { exp: undefined }],
    ['that is as old as the hills', { iat: now - 3600 }],
    ['of no time', { iat: undefined }],
    ['that names nobody', { sub: undefined }],
    ['without a number of its own', { jti: undefined }],
    ['that is an ID token', { events: undefined, nonce: 'n' }],
    ['that is an ID token as well', { nonce: 'n' }],
    ['of another event', { events: { 'http://schemas.openid.net/event/other': {} } }],
  ])('%s ends nothing', async (_what, change) => {
    const { visitor } = await attempt();
    expect(await send(await provider.logoutToken(change))).toBe(400);
    expect(await visitor.whoAmI()).toBe('mallory');
  });

  test.each(['none', 'hs256', 'stranger'] as const)('signed by %s ends nothing', async (signature) => {
    const { visitor } = await attempt();
    provider.signature = signature;
    expect(await send(await provider.logoutToken())).toBe(400);
    expect(await visitor.whoAmI()).toBe('mallory');
  });

  test('of somebody ends what the provider let in, and no session that is newer', async () => {
    const { visitor } = await attempt();
    const token = await provider.logoutToken();
    expect([await send(token), await visitor.whoAmI()]).toEqual([200, undefined]);
    setSystemTime(Date.now() + 60_000);
    const later = await attempt();
    expect([await send(token), await later.visitor.whoAmI()]).toEqual([200, 'mallory']);
  });

  test('of a session ends nothing of others, nor one of somebody unknown', async () => {
    provider.claims = { sid: 'first' };
    const { visitor } = await attempt();
    for (const change of [{ sid: 'second' }, { sub: 'nobody' }, { sub: 'nobody', sid: 'first' }])
      expect(await send(await provider.logoutToken(change))).toBe(200);
    expect(await visitor.whoAmI()).toBe('mallory');
    expect(await send(await provider.logoutToken({ sub: undefined, sid: 'first' }))).toBe(200);
    expect(await visitor.whoAmI()).toBeUndefined();
  });

  test('that is none is told so', async () => {
    for (const token of ['', 'x', 'a.b.c', 'x'.repeat(100_000)]) expect(await send(token)).toBe(400);
    expect((await hub.send('GET', '/oidc/backchannel-logout')).status).toBe(405);
  });
});

describe('an ID token is refused', () => {
  const now = Math.floor(Date.now() / 1000);
  const lies: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ['of another nonce', { nonce: 'another' }],
    ['without a nonce', { nonce: undefined }],
    ['for another client', { aud: 'another' }],
    ['for several clients, given to another', { aud: ['cais', 'another'], azp: 'another' }],
    ['for several clients, given to none', { aud: ['cais', 'another'] }],
    ['of another issuer', { iss: 'https://sign-in.example' }],
    ['that ran out', { exp: now - 600, iat: now - 900 }],
    ['that never runs out', { exp: undefined }],
    ['that begins later', { nbf: now + 3600 }],
    ['of nobody', { sub: undefined }],
    ['of an endless name', { sub: 'x'.repeat(5000) }],
  ];
  test.each(lies)('%s', async (what, claims) => {
    provider.claims = claims;
    await expectRefused(what);
  });

  test('without a signature, or with one of another kind or key', async () => {
    for (const signature of ['none', 'hs256', 'stranger'] as const) {
      provider.signature = signature;
      await expectRefused(signature);
    }
  });

  test('unless its clock is only a little off', async () => {
    provider.claims = { exp: Math.floor(Date.now() / 1000) - 5 };
    expect((await attempt()).to).toBe('/login/finish?next=%2F');
  });
});

describe('a browser that comes back is refused', () => {
  test('with a state that is not its own, or none', async () => {
    await expectRefused('another state', { state: 'another' });
    await expectRefused('no state', { state: '' });
  });

  test('with the answer to somebody else’s question: nobody is signed in as another', async () => {
    const [attacker, victim] = [new ProviderVisitor(hub), new ProviderVisitor(hub)];
    const callback = provider.callback(await attacker.leave());
    expect(await victim.arrive(callback)).toBe(expired);
    await victim.leave();
    expect(await victim.arrive(callback)).toBe(refused);
    expect(await victim.whoAmI()).toBeUndefined();
  });

  test('a second time, with the same answer or with the same code', async () => {
    const visitor = new ProviderVisitor(hub);
    const callback = provider.callback(await visitor.leave());
    const before = new Map(visitor.cookies);
    expect(await visitor.arrive(callback)).toBe('/login/finish?next=%2F');
    const thief = new ProviderVisitor(hub);
    for (const [name, value] of before) thief.cookies.set(name, value);
    expect(await thief.arrive(callback)).toBe(expired);
    await thief.leave();
    expect(await thief.arrive(callback)).toBe(refused);
    expect(await thief.whoAmI()).toBeUndefined();
  });

  test('with an answer that another issuer signed for', async () => {
    provider.description = { authorization_response_iss_parameter_supported: true };
    await using other = await HubFixture.createWith({ settings: provider.settings() });
    const visitor = new ProviderVisitor(other);
    const mixed = provider.callback(await visitor.leave(), { iss: 'https://sign-in.example' });
    expect(await visitor.arrive(mixed)).toBe(refused);
    const right = provider.callback(await visitor.leave(), { iss: provider.issuer });
    expect(await visitor.arrive(right)).toBe('/login/finish?next=%2F');
  });

  test('after ten minutes', async () => {
    const visitor = new ProviderVisitor(hub);
    const callback = provider.callback(await visitor.leave());
    setSystemTime(Date.now() + 11 * 60_000);
    expect(await visitor.arrive(callback)).toBe(expired);
  });
});

test('what the provider writes of an error is not shown', async () => {
  provider.answer = { error: 'access_denied', error_description: '<script>alert(1)</script>' };
  expect((await attempt()).to).toBe('/login?failure=cancelled');
  provider.answer = { error: 'https://evil.example', error_uri: 'https://evil.example' };
  expect((await attempt()).to).toBe(refused);
});

test('the way on stays on this hub', async () => {
  for (const next of ['https://evil.example', '//evil.example', '/\\evil.example', '/\t/evil.example', 'x']) {
    const visitor = new ProviderVisitor(hub);
    const to = await visitor.arrive(provider.callback(await visitor.leave({ next })));
    expect([next, to]).toEqual([next, '/login/finish?next=%2F']);
  }
});

test('a session from before is not the one from after', async () => {
  const visitor = new ProviderVisitor(hub);
  visitor.cookies.set('cais_session', 'cais_planted');
  await visitor.arrive(provider.callback(await visitor.leave()));
  expect(visitor.cookies.get('cais_session')).not.toBe('cais_planted');
  expect(await visitor.whoAmI()).toBe('mallory');
});

test('the cookies are out of reach of scripts and other sites, and over TLS of plain text', async () => {
  const settings = provider.settings({ CAIS_HUB_PUBLIC_URL: 'https://hub.example' });
  await using secure = await HubFixture.createWith({ settings });
  const response = await secure.send('GET', '/oidc/sign-in');
  expect(response.headers.get('Set-Cookie')).toMatch(/; HttpOnly; SameSite=Lax; Secure$/);
  const asked = new URL(locationOf(response)).searchParams;
  expect(asked.get('redirect_uri')).toBe('https://hub.example/oidc/callback');
  expect(asked.get('code_challenge_method')).toBe('S256');
});

test('other sites do not finish a sign-in, nor begin a link', async () => {
  const visitor = new ProviderVisitor(hub);
  await visitor.leave();
  for (const path of ['/v2/auth/provider/sign-up', '/v2/auth/provider/link', '/v2/user/identity']) {
    const response = await hub.send('POST', path, {
      headers: {
        Origin: 'https://evil.example',
        Cookie: `cais_session=${await hub.session('root1')}`,
      },
      body: { username: 'x', password: 'y' },
    });
    expect([path, response.status]).toEqual([path, 403]);
  }
});

describe('a provider that fails', () => {
  test('is told of as one that does not answer', async () => {
    provider.tokenStatus = 502;
    expect((await attempt()).to).toBe('/login?failure=unavailable');
    const gone = new LyingProvider();
    await using other = await HubFixture.createWith({ settings: gone.settings() });
    await gone[Symbol.asyncDispose]();
    const visitor = new ProviderVisitor(other);
    expect(await visitor.leave()).toBe('/login?failure=unavailable');
  });

  test('by calling itself another is not asked', async () => {
    await using liar = new LyingProvider();
    liar.description = { issuer: 'https://sign-in.example' };
    await using other = await HubFixture.createWith({ settings: liar.settings() });
    expect(await new ProviderVisitor(other).leave()).toBe('/login?failure=unavailable');
    liar.description = {};
    expect(await new ProviderVisitor(other).leave()).toStartWith(`${liar.issuer}/authorize?`);
  });

  test('signs with a new key, which is asked for', async () => {
    expect((await attempt()).to).toBe('/login/finish?next=%2F');
    provider.rotate('2');
    // The library asks for keys at most once a minute: nobody makes it ask all the time.
    setSystemTime(Date.now() + 61_000);
    expect((await attempt()).to).toBe('/login/finish?next=%2F');
  });
});

test('a hub without a provider has none of its addresses', async () => {
  await using plain = await HubFixture.create('alice');
  const token = await plain.session('alice');
  for (const path of ['/oidc/sign-in', '/oidc/callback', '/v2/auth/provider'])
    expect([path, (await plain.send('GET', path)).status]).toEqual([path, 404]);
  expect((await plain.send('DELETE', '/v2/user/identity', { token })).status).toBe(404);
});
