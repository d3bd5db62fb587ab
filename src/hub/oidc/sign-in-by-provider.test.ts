/** Signing in by a provider that is a real one: accounts made and linked, groups, and the end of it. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { addUser } from '../accounts/administer.ts';
import { basic, bodyOf, HubFixture, origin, password } from '../testing/hub-fixture.ts';
import { ProviderVisitor } from '../testing/provider-visitor.ts';
import { RealProvider } from '../testing/real-provider.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

let provider: RealProvider;
beforeAll(async () => {
  provider = await RealProvider.start();
  await provider.admit(origin);
});
afterAll(async () => {
  await provider?.[Symbol.asyncDispose]();
});

/** @param names of accounts with passwords, the first one an administrator. */
async function hubWith(
  settings: Readonly<Record<string, string>> = {},
  ...names: readonly string[]
): Promise<HubFixture> {
  const hub = await HubFixture.createWith({ settings: provider.settings(settings) });
  await using shell = await hub.openParts();
  for (const username of ['root1', ...names])
    await addUser(shell, { username, email: `${username}@company.example`, password });
  return hub;
}

/** Somebody whom the provider knows by this name. */
function knows(login: string, claims: Readonly<Record<string, unknown>> = {}): string {
  const email = `${login}@company.example`;
  provider.people.set(login, { preferred_username: login, email, email_verified: true, ...claims });
  return login;
}

/** The whole way. @returns where the hub leads to. */
async function signIn(visitor: ProviderVisitor, login: string, next = '/'): Promise<string> {
  return visitor.arrive(await provider.signIn(await visitor.leave({ next }), login));
}

async function enter(hub: HubFixture, login: string): Promise<ProviderVisitor> {
  const visitor = new ProviderVisitor(hub);
  await signIn(visitor, login);
  return visitor;
}

describe('who is new', () => {
  test('gets an account of the name at the provider, and is signed in', async () => {
    await using hub = await hubWith();
    const visitor = new ProviderVisitor(hub);
    expect(await signIn(visitor, knows('maria', { name: 'Maria Silva' }), '/r/maria/web')).toBe(
      '/login/finish?next=%2Fr%2Fmaria%2Fweb',
    );
    const user = await bodyOf(await visitor.send('GET', '/v2/user'));
    expect(user).toMatchObject({
      username: 'maria',
      full_name: 'Maria Silva',
      email: 'maria@company.example',
      is_admin: false,
    });
    const identity = await bodyOf(await visitor.send('GET', '/v2/user/identity'));
    expect(identity).toMatchObject({ provider: 'Company', has_password: false });
  });

  test('finds the same account the next time, whatever the provider calls them then', async () => {
    await using hub = await hubWith();
    await enter(hub, knows('nora'));
    knows('nora', { preferred_username: 'nora.married', email: 'other@company.example' });
    expect(await (await enter(hub, 'nora')).whoAmI()).toBe('nora');
  });

  test('chooses a name where theirs is taken or is none, and the session is a new one', async () => {
    await using hub = await hubWith({}, 'otto');
    const visitor = new ProviderVisitor(hub);
    expect(await signIn(visitor, knows('otto', { email: 'o2@company.example' }), '/search')).toBe(
      '/login/finish?next=%2Fsearch',
    );
    expect(await visitor.whoAmI()).toBeUndefined();
    const step = await bodyOf(await visitor.send('GET', '/v2/auth/provider'));
    expect(step).toMatchObject({ next: '/search', username: 'otto', sign_up: 'auto', account: null });
    const choose = (username: string) => visitor.send('POST', '/v2/auth/provider/sign-up', { username });
    for (const username of ['otto', 'Otto!', 'root', 'x']) {
      const refused = await choose(username);
      expect([username, refused.status]).toEqual([username, 400]);
      expect(await bodyOf(refused)).toHaveProperty('fields.username');
    }
    expect((await choose('otto2')).status).toBe(204);
    expect(await visitor.whoAmI()).toBe('otto2');
    expect((await choose('otto3')).status).toBe(404);
  });

  test('needs an invitation where sign-up is by invitation', async () => {
    await using hub = await hubWith({ CAIS_HUB_OIDC_SIGN_UP: 'invite' });
    const token = await hub.session('root1');
    const visitor = await enter(hub, knows('paul'));
    const choose = (invitation?: string) =>
      visitor.send('POST', '/v2/auth/provider/sign-up', { username: 'paul', invitation });
    expect((await choose()).status).toBe(403);
    expect((await choose('made-up')).status).toBe(403);
    const invite = () => hub.send('POST', '/v2/invites', { token, body: {} });
    const invitation = (await bodyOf<{ token: string }>(await invite())).token;
    expect((await choose(invitation)).status).toBe(204);
    // The link that was sent leads through the provider as well.
    const other = new ProviderVisitor(hub);
    const sent = (await bodyOf<{ token: string }>(await invite())).token;
    await other.arrive(await provider.signIn(await other.leave({ invitation: sent }), knows('petra')));
    expect(await other.whoAmI()).toBe('petra');
  });

  test('gets none where the provider makes no accounts', async () => {
    await using hub = await hubWith({ CAIS_HUB_OIDC_SIGN_UP: 'never' });
    const visitor = await enter(hub, knows('quentin'));
    const body = { username: 'quentin' };
    expect((await visitor.send('POST', '/v2/auth/provider/sign-up', body)).status).toBe(403);
    expect(await visitor.whoAmI()).toBeUndefined();
  });
});

describe('an account that is there already', () => {
  const link = (visitor: ProviderVisitor, body: object) =>
    visitor.send('POST', '/v2/auth/provider/link', body);

  test('is not opened by its e-mail address, verified or not, but by its password', async () => {
    await using hub = await hubWith({}, 'rosa');
    for (const isVerified of [false, true]) {
      const login = knows(`eve${isVerified}`, { email: 'Rosa@company.example', email_verified: isVerified });
      const visitor = await enter(hub, login);
      expect(await visitor.whoAmI()).toBeUndefined();
      const step = await bodyOf(await visitor.send('GET', '/v2/auth/provider'));
      expect(step['account']).toBe(isVerified ? 'rosa' : null);
      for (const wrong of ['', 'wrong password', 'x'.repeat(2000)]) {
        const refused = await link(visitor, { username: 'rosa', password: wrong });
        expect([wrong.length, refused.status]).toEqual([wrong.length, 401]);
      }
      expect(await visitor.whoAmI()).toBeUndefined();
    }
    const rosa = await enter(hub, knows('rosa'));
    expect((await link(rosa, { username: 'Rosa', password })).status).toBe(204);
    expect(await rosa.whoAmI()).toBe('rosa');
    expect(await (await enter(hub, 'rosa')).whoAmI()).toBe('rosa');
    const token = await hub.session('root1');
    const log = await bodyOf(await hub.send('GET', '/v2/auditlogs/rosa', { token }));
    expect(JSON.stringify(log)).toContain('account.identity.link');
    // One identity of a provider opens it, not two.
    const second = await enter(hub, knows('rosa-too', { email: 'rosa@company.example' }));
    expect((await link(second, { username: 'rosa', password })).status).toBe(409);
  });

  test('is not opened by one of its access tokens', async () => {
    await using hub = await hubWith({}, 'sven');
    const session = await hub.session('sven');
    const made = await hub.send('POST', '/v2/access-tokens', {
      token: session,
      body: { token_label: 'ci', scopes: ['repo:admin'] },
    });
    const { token } = await bodyOf<{ token: string }>(made);
    const visitor = await enter(hub, knows('sven'));
    expect((await link(visitor, { username: 'sven', password: token })).status).toBe(401);
  });

  test('is linked and unlinked by its owner, who has to give the password and stay signed in', async () => {
    await using hub = await hubWith({}, 'tess', 'ulf');
    const visitor = new ProviderVisitor(hub);
    await visitor.send('POST', '/v2/users/login', { username: 'tess', password });
    const begin = (given: string) => visitor.send('POST', '/v2/user/identity', { password: given });
    expect((await begin('wrong')).status).toBe(400);
    const { url } = await bodyOf<{ url: string }>(await begin(password));
    const callback = await provider.signIn(url, knows('tess-at-company'));
    // Somebody else's session in the same browser does not get it.
    const tess = visitor.cookies.get('cais_session') ?? '';
    visitor.cookies.set('cais_session', await hub.session('ulf'));
    expect(await visitor.arrive(callback)).toBe('/settings?failure=expired');
    visitor.cookies.set('cais_session', tess);
    const again = await bodyOf<{ url: string }>(await begin(password));
    expect(await visitor.arrive(await provider.signIn(again.url, 'tess-at-company'))).toBe('/settings');
    const linked = await bodyOf(await visitor.send('GET', '/v2/user/identity'));
    expect(linked).toMatchObject({
      has_password: true,
      linked: { email: 'tess-at-company@company.example' },
    });
    expect(await (await enter(hub, 'tess-at-company')).whoAmI()).toBe('tess');
    expect((await visitor.send('DELETE', '/v2/user/identity')).status).toBe(204);
    expect((await visitor.send('DELETE', '/v2/user/identity')).status).toBe(404);
    expect(await (await enter(hub, 'tess-at-company')).whoAmI()).toBe('tess-at-company');
  });

  test('is not entered once it is switched off, nor unlinked without a password', async () => {
    await using hub = await hubWith();
    const visitor = await enter(hub, knows('vera'));
    expect((await visitor.send('DELETE', '/v2/user/identity')).status).toBe(409);
    const token = await hub.session('root1');
    await hub.send('PATCH', '/v2/system/users/vera', { token, body: { is_active: false } });
    expect(await signIn(visitor, 'vera')).toBe('/login?failure=switched-off');
    expect(await visitor.whoAmI()).toBeUndefined();
  });
});

describe('groups of the provider', () => {
  const map = ['devs=acme/developers', 'leads=acme:owner', 'cn=ops,o=company=@administrators', 'x=gone'].join(
    '\n',
  );

  /** A hub with an organization of a team, and what somebody is there. */
  async function withTeam() {
    const hub = await hubWith({ CAIS_HUB_OIDC_GROUP_MAP: map });
    const token = await hub.session('root1');
    const body = { orgname: 'acme', company: '' };
    expect((await hub.send('POST', '/v2/orgs', { token, body })).status).toBe(201);
    await hub.send('POST', '/v2/orgs/acme/groups', { token, body: { name: 'developers', description: '' } });
    const standing = async (name: string) => {
      const members = await bodyOf<{
        results: { username: string; role: string; groups: string[] }[];
      }>(await hub.send('GET', '/v2/orgs/acme/members', { token }));
      const found = members.results.find(({ username }) => username === name);
      return found && [found.role.toLowerCase(), ...found.groups];
    };
    return { hub, token, standing };
  }

  test('give roles and teams at each sign-in, and take them away when they are gone', async () => {
    const { hub, standing } = await withTeam();
    await using _ = hub;
    const isAdministrator = async (visitor: ProviderVisitor) =>
      (await bodyOf(await visitor.send('GET', '/v2/user')))['is_admin'];
    const visitor = await enter(hub, knows('wim', { groups: ['devs', 'x', 'unknown'] }));
    expect(await standing('wim')).toEqual(['member', 'developers']);
    expect(await isAdministrator(visitor)).toBe(false);
    knows('wim', { groups: ['devs', 'leads', 'cn=ops,o=company'] });
    expect(await isAdministrator(await enter(hub, 'wim'))).toBe(true);
    expect(await standing('wim')).toEqual(['owner', 'developers']);
    knows('wim', { groups: ['leads'] });
    expect(await isAdministrator(await enter(hub, 'wim'))).toBe(false);
    expect(await standing('wim')).toEqual(['owner']);
    // The claim is left out where there is none.
    knows('wim');
    await enter(hub, 'wim');
    expect(await standing('wim')).toBeUndefined();
  });

  test('leave alone what a person gave', async () => {
    const { hub, token, standing } = await withTeam();
    await using _ = hub;
    await enter(hub, knows('yara'));
    const put = (role: string) => hub.send('PUT', '/v2/orgs/acme/members/yara', { token, body: { role } });
    await hub.send('POST', '/v2/orgs/acme/groups/developers/members', { token, body: { member: 'yara' } });
    await put('editor');
    for (const groups of [['devs', 'leads'], []]) {
      knows('yara', { groups });
      await enter(hub, 'yara');
      expect([groups, await standing('yara')]).toEqual([groups, ['editor', 'developers']]);
    }
  });

  test('that gave a role which a person changed since leave it', async () => {
    const { hub, token, standing } = await withTeam();
    await using _ = hub;
    await enter(hub, knows('zoe', { groups: ['devs'] }));
    await hub.send('PUT', '/v2/orgs/acme/members/zoe', { token, body: { role: 'editor' } });
    knows('zoe', { groups: [] });
    await enter(hub, 'zoe');
    expect(await standing('zoe')).toEqual(['editor']);
  });

  test('never leave an organization without an owner', async () => {
    const { hub, token } = await withTeam();
    await using _ = hub;
    await enter(hub, knows('abel', { groups: ['leads'] }));
    expect((await hub.send('DELETE', '/v2/orgs/acme/members/root1', { token })).status).toBe(204);
    knows('abel', { groups: [] });
    const abel = await enter(hub, 'abel');
    const members = await bodyOf<{ results: { role: string }[] }>(
      await abel.send('GET', '/v2/orgs/acme/members'),
    );
    expect(members.results.map(({ role }) => role.toLowerCase())).toEqual(['owner']);
  });
});

describe('a hub where people sign in by the provider only', () => {
  test('takes no password, but access tokens and the provider', async () => {
    await using hub = await hubWith({ CAIS_HUB_OIDC_ONLY: 'true' });
    expect(await bodyOf(await hub.send('GET', '/v2/auth/methods'))).toEqual({
      password: false,
      provider: { name: 'Company', sign_up: 'auto' },
    });
    const credentials = { username: 'root1', password };
    expect((await hub.send('POST', '/v2/users/login', { body: credentials })).status).toBe(401);
    expect((await hub.send('GET', '/token', { headers: basic('root1', password) })).status).toBe(401);
    const signup = { ...credentials, username: 'bob', email: 'b@hub.test' };
    expect((await hub.send('POST', '/v2/users/signup', { body: signup })).status).toBe(403);
    const visitor = await enter(hub, knows('bela'));
    const made = await visitor.send('POST', '/v2/access-tokens', {
      token_label: 'docker',
      scopes: ['repo:write'],
    });
    const { token } = await bodyOf<{ token: string }>(made);
    expect((await hub.send('GET', '/token', { headers: basic('bela', token) })).status).toBe(200);
    expect((await visitor.send('DELETE', '/v2/user/identity')).status).toBe(409);
  });
});

describe('the end of a session', () => {
  test('is one at the provider too, for who came by it', async () => {
    await using hub = await hubWith({}, 'carl');
    const visitor = await enter(hub, knows('dora'));
    const { provider_sign_out_url: url } = await bodyOf<{ provider_sign_out_url: string }>(
      await visitor.send('POST', '/v2/logout'),
    );
    expect(url).toStartWith(`${provider.issuer}/session/end?`);
    expect(new URL(url).searchParams.get('post_logout_redirect_uri')).toBe(`${origin}/`);
    expect((await fetch(url)).status).toBe(200);
    expect(await visitor.whoAmI()).toBeUndefined();
    await visitor.send('POST', '/v2/users/login', { username: 'carl', password });
    expect(await bodyOf(await visitor.send('POST', '/v2/logout'))).toEqual({});
  });

  test('at the provider ends the one here that came of it, and no other', async () => {
    await using hub = await hubWith();
    provider.backChannel = (url, init) => hub.fetch(url, init);
    const browsers = await Promise.all(
      [knows('fred'), 'fred', knows('gina')].map(async (login) => {
        const cookies = new Map<string, string>();
        const visitor = new ProviderVisitor(hub);
        await visitor.arrive(await provider.signIn(await visitor.leave(), login, cookies));
        return { visitor, cookies };
      }),
    );
    const signedIn = (): Promise<(string | undefined)[]> =>
      Promise.all(browsers.map(({ visitor }) => visitor.whoAmI()));
    expect(await signedIn()).toEqual(['fred', 'fred', 'gina']);
    await provider.signOut(browsers[0]?.cookies ?? expect.unreachable());
    expect(await signedIn()).toEqual([undefined, 'fred', 'gina']);
  });
});

test('a second copy of the hub goes on where the first one sent the browser', async () => {
  await using hub = await hubWith();
  const other = await hub.over({});
  const visitor = new ProviderVisitor(hub);
  const callback = await provider.signIn(await visitor.leave(), knows('emil'));
  const there = new ProviderVisitor(other);
  for (const [name, value] of visitor.cookies) there.cookies.set(name, value);
  expect(await there.arrive(callback)).toBe('/login/finish?next=%2F');
  expect(await there.whoAmI()).toBe('emil');
});
