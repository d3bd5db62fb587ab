/**
 * Registry tokens: short-lived JWTs that say who asks and what they may do.
 * https://distribution.github.io/distribution/spec/auth/jwt/
 */
import { SignJWT, jwtVerify } from 'jose';
import { z } from 'zod';
import { UnauthorizedError, UnavailableError } from '../../lib/errors.ts';
import type { CatalogAction, ScopeAction, Scopes } from './scope.ts';
import { type SigningKeys, signingAlgorithm } from './signing-keys.ts';
import { tokenLifetime } from './token-lifetime.ts';

export const issuer = 'cais';
export const service = 'cais-hub';

const maxTokenLength = 16 * 1024;
const maxCached = 4096;

const claimsSchema = z
  .object({
    sub: z.string().regex(/^\d{0,15}$/),
    iat: z.number(),
    exp: z.number(),
    access_token: z.number().int().positive().optional(),
    access: z.array(
      z.discriminatedUnion('type', [
        z.object({
          type: z.literal('repository'),
          name: z.string(),
          actions: z.array(z.enum(['pull', 'push', 'delete'])),
        }),
        z.object({
          type: z.literal('registry'),
          name: z.literal('catalog'),
          actions: z.array(z.enum(['*', 'search'])),
        }),
      ]),
    ),
  })
  // Ours never run longer, so that a right taken away cannot.
  .refine(({ iat, exp }) => exp - iat <= tokenLifetime);

export interface TokenClaims extends Scopes {
  /** Undefined: anonymous. */
  readonly accountId: number | undefined;
  /** The access token that it was given for, without which it is worth nothing. */
  readonly accessTokenId: number | undefined;
}

export class TokenIssuer {
  readonly #keys: SigningKeys;
  /** Signatures are checked once; a client sends one token with every request of a pull. */
  readonly #verified = new Map<string, { claims: TokenClaims; expires: number; keyId: string }>();

  constructor(keys: SigningKeys) {
    this.#keys = keys;
  }

  issue({ accountId, accessTokenId, access, catalog }: TokenClaims, now = Date.now()): Promise<string> {
    const seconds = Math.floor(now / 1000);
    const repositories = [...access]
      .filter(([, actions]) => actions.size > 0)
      .map(([name, actions]) => ({ type: 'repository', name, actions: [...actions] }));
    const registry = catalog.size > 0 ? [{ type: 'registry', name: 'catalog', actions: [...catalog] }] : [];
    const { id, privateKey } = this.#keys.current;
    return new SignJWT({ access: [...repositories, ...registry], access_token: accessTokenId })
      .setProtectedHeader({ alg: signingAlgorithm, typ: 'JWT', kid: id })
      .setIssuer(issuer)
      .setSubject(accountId === undefined ? '' : String(accountId))
      .setAudience(service)
      .setIssuedAt(seconds)
      .setNotBefore(seconds - 5)
      .setExpirationTime(seconds + tokenLifetime)
      .setJti(crypto.randomUUID())
      .sign(privateKey);
  }

  /** @throws UnauthorizedError for whatever is not a token of ours that still runs. */
  async verify(token: string): Promise<TokenClaims> {
    const known = this.#verified.get(token);
    if (known && known.expires > Date.now() && this.#keys.publicKey(known.keyId)) return known.claims;
    if (token.length > maxTokenLength) throw new UnauthorizedError('invalid token');
    const verified = await this.#check(token);
    const oldest = this.#verified.keys().next();
    if (this.#verified.size >= maxCached && !oldest.done) this.#verified.delete(oldest.value);
    this.#verified.set(token, verified);
    return verified.claims;
  }

  async #check(token: string): Promise<{ claims: TokenClaims; expires: number; keyId: string }> {
    try {
      const { payload, protectedHeader } = await jwtVerify(
        token,
        async ({ kid }) => {
          const key = kid === undefined ? undefined : await this.#keys.findPublicKey(kid);
          if (!key) throw new UnauthorizedError('unknown key');
          return key;
        },
        {
          algorithms: [signingAlgorithm],
          issuer,
          audience: service,
          requiredClaims: ['exp', 'nbf', 'iat', 'sub', 'access'],
        },
      );
      const { sub, exp, access, access_token: accessTokenId } = claimsSchema.parse(payload);
      const repositories = new Map<string, ReadonlySet<ScopeAction>>();
      const catalog = new Set<CatalogAction>();
      for (const entry of access) {
        if (entry.type === 'repository') repositories.set(entry.name, new Set(entry.actions));
        else for (const action of entry.actions) catalog.add(action);
      }
      const accountId = sub === '' ? undefined : Number(sub);
      return {
        claims: { accountId, accessTokenId, access: repositories, catalog },
        expires: exp * 1000,
        keyId: protectedHeader.kid ?? '',
      };
    } catch (cause) {
      if (cause instanceof UnavailableError) throw cause;
      throw new UnauthorizedError('invalid token', { cause });
    }
  }
}
