import { describe, expect, test } from 'bun:test';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { UnauthorizedError } from '../../lib/errors.ts';
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

async function withKeys(work: (keys: SigningKeys, directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'cais-keys-'));
  try {
    await work(await SigningKeys.open(directory), directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
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
  test('are files that only the hub reads', async () => {
    await withKeys(async (_, directory) => {
      const [name = ''] = await readdir(directory);
      expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600);
    });
  });

  test('change after their time; what the old one signed is good until it ends, then the old one goes', async () => {
    await withKeys(async (keys, directory) => {
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
      expect(await readdir(directory)).toHaveLength(2);
      await tend(keys, undefined, start + 31 * day + 400_000);
      expect(await readdir(directory)).toHaveLength(1);
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

  test('of another hub over the same directory are found when a token of theirs comes', async () => {
    await withKeys(async (keys, directory) => {
      const other = await SigningKeys.open(directory);
      await other.rotate();
      const token = await new TokenIssuer(other).issue(claims);
      expect(await isVerified(new TokenIssuer(keys), token)).toBe(true);
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
