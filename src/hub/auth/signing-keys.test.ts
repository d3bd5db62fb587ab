import { describe, expect, test } from 'bun:test';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { calculateJwkThumbprint, createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify } from 'jose';
import { UnauthorizedError } from '../../lib/errors.ts';
import { PostgresDatabase } from '../db/postgres-database.ts';
import { newPostgresDatabase } from '../testing/database-config.ts';
import { tend } from './rotate-keys.ts';
import { SigningKeys } from './signing-keys.ts';
import { issuer, service, type TokenClaims, TokenIssuer } from './token.ts';

const day = 86_400_000;
const claims: TokenClaims = {
  accountId: 1,
  accessTokenId: undefined,
  access: new Map([['alice/app', new Set(['pull'] as const)]]),
  catalog: new Set(),
};

/** @param work with the keys of a copy of the hub, and what opens those of another copy. */
async function withKeys(
  work: (keys: SigningKeys, openOther: () => Promise<SigningKeys>, directory: string) => Promise<void>,
): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'cais-keys-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const postgres = { url: await newPostgresDatabase(), poolSize: 2 };
  const openOther = async (): Promise<SigningKeys> =>
    SigningKeys.open(stack.use(await PostgresDatabase.open(postgres)), directory);
  await work(await openOther(), openOther, directory);
}

async function isVerified(tokens: TokenIssuer, token: string): Promise<boolean> {
  try {
    await tokens.verify(token);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(UnauthorizedError);
    return false;
  }
}

describe('signing keys', () => {
  test('that an older hub had in files are taken over, and are no files any more', async () => {
    await withKeys(async (keys, openOther, directory) => {
      const { privateKey } = await generateKeyPair('ES256', { extractable: true });
      const jwk = await exportJWK(privateKey);
      const name = 'token-2026-01-02T03.04.05.678Z-0a1b2c3d.jwk';
      await writeFile(join(directory, name), `${JSON.stringify(jwk)}\n`);
      const { d: _, ...publicJwk } = jwk;
      const id = await calculateJwkThumbprint(publicJwk);
      await openOther();
      expect(await readdir(directory)).not.toContain(name);
      expect(keys.publicKey(id)).toBeUndefined();
      expect(await keys.findPublicKey(id)).toBeDefined();
    });
  });

  test('change after their time; what the old one signed is good until it ends, then the old one goes', async () => {
    await withKeys(async (keys) => {
      const start = Date.now();
      const tokens = new TokenIssuer(keys);
      const old = await tokens.issue(claims);
      const first = keys.current.id;
      await tend(keys, 30 * day, start + 29 * day);
      expect(keys.current.id).toBe(first);
      await tend(keys, 30 * day, start + 31 * day);
      expect(keys.current.id).not.toBe(first);
      expect(await isVerified(tokens, old)).toBe(true);
      expect(await isVerified(tokens, await tokens.issue(claims))).toBe(true);
      await tend(keys, undefined, start + 31 * day + 200_000);
      expect(keys.keySet.keys).toHaveLength(2);
      await tend(keys, undefined, start + 31 * day + 400_000);
      expect(keys.keySet.keys).toHaveLength(1);
      expect(keys.publicKey(first)).toBeUndefined();
    });
  });

  test('that are removed end their tokens at once, also one that was verified before', async () => {
    await withKeys(async (keys) => {
      const tokens = new TokenIssuer(keys);
      const old = await tokens.issue(claims);
      expect(await isVerified(tokens, old)).toBe(true);
      await keys.rotate();
      await keys.removeOld();
      expect(await isVerified(tokens, old)).toBe(false);
      expect(await isVerified(tokens, await tokens.issue(claims))).toBe(true);
    });
  });

  test('of another copy are found when a token of theirs comes, also while somebody makes up others', async () => {
    await withKeys(async (keys, openOther) => {
      const other = await openOther();
      const madeUp = Array.from({ length: 20 }, (_, at) => keys.findPublicKey(`made up ${at}`));
      await other.rotate();
      const token = await new TokenIssuer(other).issue(claims);
      expect(await isVerified(new TokenIssuer(keys), token)).toBe(true);
      expect((await Promise.all(madeUp)).some((key) => key !== undefined)).toBe(false);
    });
  });

  test('whose time is over are replaced by one of the copies', async () => {
    await withKeys(async (keys, openOther) => {
      const other = await openOther();
      const later = Date.now() + 31 * day;
      await Promise.all([keys, other].map((each) => tend(each, 30 * day, later)));
      await keys.reload();
      expect(keys.keySet.keys).toHaveLength(2);
      expect(keys.current.id).toBe(other.current.id);
    });
  });

  test('are published without their private part, as others need them to verify', async () => {
    await withKeys(async (keys) => {
      await keys.rotate();
      const { keySet } = keys;
      expect(JSON.stringify(keySet)).not.toContain('"d"');
      expect(keySet.keys.map(({ alg, use, kty, crv }) => ({ alg, use, kty, crv }))).toEqual([
        { alg: 'ES256', use: 'sig', kty: 'EC', crv: 'P-256' },
        { alg: 'ES256', use: 'sig', kty: 'EC', crv: 'P-256' },
      ]);
      const token = await new TokenIssuer(keys).issue(claims);
      const published = createLocalJWKSet({ keys: [...keySet.keys] });
      const { payload } = await jwtVerify(token, published, { issuer, audience: service });
      expect(payload.sub).toBe('1');
    });
  });
});
