/** Registry tokens with claims of a test's own, signed by the hub's key as if that had leaked. */
import { calculateJwkThumbprint, importJWK, type JWK, SignJWT } from 'jose';
import { sql } from 'kysely';
import { issuer, service } from '../auth/token.ts';
import type { HubFixture } from './hub-fixture.ts';

export interface TokenSigner {
  /** The private key. */
  readonly jwk: JWK;
  /** @param change of what a token of the account 1 for all of alice/secret says. */
  readonly sign: (change?: Readonly<Record<string, unknown>>) => Promise<string>;
}

export async function tokenSigner(hub: HubFixture): Promise<TokenSigner> {
  const [row] = await hub.query(sql<{ jwk: string }>`SELECT jwk FROM signing_keys`);
  const jwk = JSON.parse(row?.jwk ?? '') as JWK;
  const key = await importJWK(jwk, 'ES256');
  const { d: _, ...publicJwk } = jwk;
  const kid = await calculateJwkThumbprint(publicJwk);
  return {
    jwk,
    sign: (change = {}) =>
      new SignJWT(tokenClaims(change)).setProtectedHeader({ alg: 'ES256', kid }).sign(key),
  };
}

export function tokenClaims(change: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  const access = [{ type: 'repository', name: 'alice/secret', actions: ['pull', 'push', 'delete'] }];
  return { iss: issuer, sub: '1', aud: service, iat: now, nbf: now - 5, exp: now + 300, access, ...change };
}
