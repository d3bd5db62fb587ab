/**
 * Registry tokens: short-lived JWTs that say who asks and what they may do.
 * https://distribution.github.io/distribution/spec/auth/jwt/
 */
import { SignJWT, jwtVerify } from 'jose';
import { z } from 'zod';
import { UnauthorizedError } from '../../lib/errors.ts';
import type { Access, ScopeAction } from './scope.ts';
import { type SigningKeys, signingAlgorithm } from './signing-keys.ts';

/** In seconds. It bounds how long a right that was taken away may last in a client's hands, where the store isn't asked again. */
export const tokenLifetime = 300;

export const issuer = 'cais';
export const service = 'cais-hub';

const maxTokenLength = 16 * 1024;
const maxCached = 4096;

const claimsSchema = z.object({
  sub: z.string().regex(/^\d{0,15}$/),
  exp: z.number(),
  access: z.array(
    z.object({
      type: z.literal('repository'),
      name: z.string(),
      actions: z.array(z.enum(['pull', 'push', 'delete'])),
    }),
  ),
});

export interface TokenClaims {
  /** Undefined: anonymous. */
  readonly accountId: number | undefined;
  readonly access: Access;
}

export class TokenIssuer {
  readonly #keys: SigningKeys;
  /** Signatures are checked once; a client sends one token with every request of a pull. */
  readonly #verified = new Map<string, { readonly claims: TokenClaims; readonly expires: number }>();

  constructor(keys: SigningKeys) {
    this.#keys = keys;
  }

  issue({ accountId, access }: TokenClaims, now = Date.now()): Promise<string> {
    const seconds = Math.floor(now / 1000);
    const granted = [...access]
      .filter(([, actions]) => actions.size > 0)
      .map(([name, actions]) => ({ type: 'repository', name, actions: [...actions] }));
    return new SignJWT({ access: granted })
      .setProtectedHeader({ alg: signingAlgorithm, typ: 'JWT', kid: this.#keys.id })
      .setIssuer(issuer)
      .setSubject(accountId === undefined ? '' : String(accountId))
      .setAudience(service)
      .setIssuedAt(seconds)
      .setNotBefore(seconds - 5)
      .setExpirationTime(seconds + tokenLifetime)
      .setJti(crypto.randomUUID())
      .sign(this.#keys.privateKey);
  }

  /** @throws UnauthorizedError for whatever is not a token of ours that still runs. */
  async verify(token: string): Promise<TokenClaims> {
    const known = this.#verified.get(token);
    if (known && known.expires > Date.now()) return known.claims;
    if (token.length > maxTokenLength) throw new UnauthorizedError('invalid token');
    const { claims, expires } = await this.#check(token);
    const oldest = this.#verified.keys().next();
    if (this.#verified.size >= maxCached && !oldest.done) this.#verified.delete(oldest.value);
    this.#verified.set(token, { claims, expires });
    return claims;
  }

  async #check(token: string): Promise<{ claims: TokenClaims; expires: number }> {
    try {
      const { payload } = await jwtVerify(
        token,
        ({ kid }) => {
          const key = kid === undefined ? undefined : this.#keys.publicKeys.get(kid);
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
      const { sub, exp, access } = claimsSchema.parse(payload);
      const granted = new Map<string, ReadonlySet<ScopeAction>>(
        access.map(({ name, actions }) => [name, new Set(actions)]),
      );
      return {
        claims: { accountId: sub === '' ? undefined : Number(sub), access: granted },
        expires: exp * 1000,
      };
    } catch (cause) {
      throw new UnauthorizedError('invalid token', { cause });
    }
  }
}
