/** A private repository, everybody who may not know of it, and the comparison with one that is not there. */
import { sql } from 'kysely';
import { expect } from 'bun:test';
import { basic, bodyOf, fingerprint, HubFixture, type PushedImage } from './hub-fixture.ts';
import { tokenSigner } from './token-signer.ts';

export interface SecretRepository extends AsyncDisposable {
  readonly hub: HubFixture;
  readonly image: PushedImage;
}

/** alice/secret on a hub where alice/absent is not. */
export async function createSecretRepository(): Promise<SecretRepository> {
  // The administrator is a third one: even they see nothing.
  const hub = await HubFixture.create('root1', 'alice', 'bob');
  await hub.send('POST', '/v2/repositories/', {
    token: await hub.session('alice'),
    body: { namespace: 'alice', name: 'secret', is_private: true, description: 'the secret plan' },
  });
  const image = await hub.pushImage('alice', 'alice/secret', 'latest');
  return { hub, image, [Symbol.asyncDispose]: () => hub[Symbol.asyncDispose]() };
}

type Tokens = Readonly<Record<string, string | undefined>>;

/** Registry tokens that others can get, each having asked for all of the repository; and alice's for something else. */
export async function registryTokens(hub: HubFixture): Promise<Tokens> {
  const scopes = ['repository:alice/secret:pull,push,delete', 'repository:alice/absent:*'];
  const { sign } = await tokenSigner(hub);
  const now = Math.floor(Date.now() / 1000);
  const all = { type: 'repository', actions: ['pull', 'push', 'delete'] };
  const access = [
    { ...all, name: 'alice/secret' },
    { ...all, name: 'alice/absent' },
  ];
  const byAccessToken = async (secret: string): Promise<string> => {
    const query = new URLSearchParams(scopes.map((scope) => ['scope', scope]));
    const response = await hub.send('GET', `/token?${query}`, { headers: basic('alice', secret) });
    return (await bodyOf<{ token: string }>(response)).token;
  };
  return {
    none: undefined,
    'no token': 'not a token',
    anonymous: await hub.token(undefined, ...scopes),
    bob: await hub.token('bob', ...scopes),
    'the administrator': await hub.token('root1', ...scopes),
    'alice’s, expired': await sign({ sub: '2', iat: now - 310, nbf: now - 310, exp: now - 10, access }),
    'bob’s, with rights that he lost': await sign({ sub: '3', access }),
    'an account that is gone': await sign({ sub: '99', access }),
    'alice’s for another repository': await hub.token('alice', 'repository:alice/other:pull,push,delete'),
    'alice’s access token for another repository': await byAccessToken(await limitedSecret(hub)),
    'alice’s access token for what is public': await byAccessToken(await publicSecret(hub)),
  };
}

/** Sessions of the JSON API that do not open the repository. */
export async function apiTokens(hub: HubFixture): Promise<Tokens> {
  const byAccessToken = async (secret: string): Promise<string> => {
    const body = { username: 'alice', password: secret };
    return (await bodyOf<{ token: string }>(await hub.send('POST', '/v2/users/login', { body }))).token;
  };
  const tokens = {
    none: undefined,
    'no session': 'cais_made_up',
    bob: await hub.session('bob'),
    'the administrator': await hub.session('root1'),
    'a registry token of bob’s': await hub.token('bob', 'repository:alice/secret:pull'),
    'alice’s access token for another repository': await byAccessToken(await limitedSecret(hub)),
    'alice’s access token for what is public': await byAccessToken(await publicSecret(hub)),
  };
  // The last one: with every new session those that ran out are removed.
  return { ...tokens, 'alice’s, expired': await expiredSession(hub) };
}

/**
 * The same question about the private repository and about the one that isn't there. @param what to say when they differ.
 * @returns the status that both have.
 */
export async function expectSame(
  hub: HubFixture,
  what: string,
  method: string,
  path: string,
  options: { readonly token: string | undefined; readonly body?: object },
): Promise<number> {
  const [answer, expected] = await Promise.all(
    ['secret', 'absent'].map(async (name) =>
      fingerprint(await hub.send(method, path.replaceAll('NAME', name), options)),
    ),
  );
  const blurred: unknown = JSON.parse(JSON.stringify(answer).replaceAll('secret', 'absent'));
  expect({ what, method, path, ...(blurred as object) }).toEqual({ what, method, path, ...expected });
  return (expected as { status: number }).status;
}

function limitedSecret(hub: HubFixture): Promise<string> {
  return accessToken(hub, { scopes: ['repo:admin'], repositories: ['alice/other'] });
}

function publicSecret(hub: HubFixture): Promise<string> {
  return accessToken(hub, { scopes: ['repo:public_read'] });
}

async function accessToken(hub: HubFixture, rights: object): Promise<string> {
  const token = await hub.session('alice');
  const body = { token_label: 'limited', ...rights };
  return (await bodyOf<{ token: string }>(await hub.send('POST', '/v2/access-tokens', { token, body })))
    .token;
}

async function expiredSession(hub: HubFixture): Promise<string> {
  const token = await hub.session('alice');
  await hub.query(sql`UPDATE sessions SET expires_at = 1 WHERE id = (SELECT max(id) FROM sessions)`);
  return token;
}
