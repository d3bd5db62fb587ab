import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CryptoKey, exportJWK, exportSPKI, SignJWT } from 'jose';
import { UnauthorizedError } from '../../lib/errors.ts';
import { SqliteDatabase } from '../db/sqlite-database.ts';
import type { Access } from './scope.ts';
import { SigningKeys } from './signing-keys.ts';
import { issuer, service, type TokenClaims, TokenIssuer } from './token.ts';

const access: Access = new Map([['alice/app', new Set(['pull'] as const)]]);

const directories = new AsyncDisposableStack();
afterAll(() => directories.disposeAsync());

async function createKeys(): Promise<SigningKeys> {
  const directory = await mkdtemp(join(tmpdir(), 'cais-keys-'));
  directories.defer(() => rm(directory, { recursive: true, force: true }));
  const database = directories.use(await SqliteDatabase.open(join(directory, 'hub.sqlite')));
  return SigningKeys.open(database, directory);
}

function publicKeyOf(keys: SigningKeys): CryptoKey {
  return keys.publicKey(keys.current.id) ?? keys.current.privateKey;
}

function claimsFor(accountId: number | undefined, accessTokenId?: number): TokenClaims {
  return { accountId, accessTokenId, access, catalog: new Set() };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function claims(): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: issuer,
    sub: '1',
    aud: service,
    iat: now,
    nbf: now - 5,
    exp: now + 300,
    access: [{ type: 'repository', name: 'alice/app', actions: ['pull'] }],
  };
}

function sign(keys: SigningKeys, payload: Record<string, unknown>, header = {}): Promise<string> {
  return new SignJWT(payload)
    .setProtectedHeader({ alg: 'ES256', kid: keys.current.id, ...header })
    .sign(keys.current.privateKey);
}

async function expectRefusal(verified: Promise<unknown>): Promise<void> {
  expect(await verified.catch((error: unknown) => error)).toBeInstanceOf(UnauthorizedError);
}

describe('a token', () => {
  test('says who asks and what they may do', async () => {
    const tokens = new TokenIssuer(await createKeys());
    const all: TokenClaims = { ...claimsFor(7, 3), catalog: new Set(['*', 'search']) };
    expect(await tokens.verify(await tokens.issue(all))).toEqual(all);
    const none: TokenClaims = { ...claimsFor(undefined), access: new Map() };
    expect(await tokens.verify(await tokens.issue(none))).toEqual(none);
  });

  test('ends after five minutes, also where it was verified before', async () => {
    const tokens = new TokenIssuer(await createKeys());
    const old = await tokens.issue(claimsFor(7), Date.now() - 299_000);
    await tokens.verify(old);
    await Bun.sleep(2100);
    await expectRefusal(tokens.verify(old));
  });

  test('signed with a key put into its own header is refused', async () => {
    const tokens = new TokenIssuer(await createKeys());
    const mine = await createKeys();
    const jwk = await exportJWK(publicKeyOf(mine));
    for (const header of [
      { jwk },
      { kid: undefined, jwk },
      { jku: 'http://127.0.0.1/keys' },
      { kid: '../../x' },
    ]) {
      await expectRefusal(tokens.verify(await sign(mine, claims(), header)));
    }
  });

  test('with no signature, or one made from the public key, is refused', async () => {
    const keys = await createKeys();
    const tokens = new TokenIssuer(keys);
    const publicKey = publicKeyOf(keys);
    const kid = keys.current.id;
    const none = `${encode({ alg: 'none', kid })}.${encode(claims())}.`;
    const secrets = [await exportSPKI(publicKey), JSON.stringify(await exportJWK(publicKey)), ' '];
    const shared = secrets.map((secret) => {
      const text = `${encode({ alg: 'HS256', kid })}.${encode(claims())}`;
      return `${text}.${new Bun.CryptoHasher('sha256', secret).update(text).digest('base64url')}`;
    });
    for (const token of [none, ...shared]) {
      await expectRefusal(tokens.verify(token));
    }
  });

  test.each<[string, Record<string, unknown>]>([
    ['another service', { aud: 'elsewhere' }],
    ['another issuer', { iss: 'elsewhere' }],
    ['issuers in a list', { iss: [issuer] }],
    ['no end', { exp: undefined }],
    ['an end in words', { exp: 'tomorrow' }],
    ['a negative end', { exp: -1 }],
    ['an end that is over', { exp: 1000 }],
    ['a beginning in the future', { nbf: Math.floor(Date.now() / 1000) + 1000 }],
    ['a subject in a list', { sub: ['1'] }],
    ['a subject that is no number', { sub: '1 OR 1=1' }],
    ['no access', { access: undefined }],
    ['access that is no list', { access: 'repository:alice/app:pull' }],
    ['an action of its own', { access: [{ type: 'repository', name: 'alice/app', actions: ['own'] }] }],
  ])('of our own key but with %s is refused', async (_, change) => {
    const keys = await createKeys();
    const token = await sign(keys, { ...claims(), ...change });
    await expectRefusal(new TokenIssuer(keys).verify(token));
  });

  test.each(['', '.', '..', 'a.b.c', 'x'.repeat(1_000_000), '{"a":1}', 'ü.ü.ü'])(
    'that is none is refused',
    async (text) => {
      const tokens = new TokenIssuer(await createKeys());
      await expectRefusal(tokens.verify(text));
    },
  );

  test('changed by one letter is refused', async () => {
    const tokens = new TokenIssuer(await createKeys());
    const token = await tokens.issue(claimsFor(7));
    await tokens.verify(token);
    const [header = '', payload = '', signature = ''] = token.split('.');
    const other = encode({ ...claims(), sub: '1' });
    for (const forged of [`${header}.${other}.${signature}`, `${token}x`, `${header}.${payload}.`]) {
      await expectRefusal(tokens.verify(forged));
    }
  });
});
