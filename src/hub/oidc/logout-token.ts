/**
 * A provider's word that somebody has signed out there: a JWT that it signs and sends to the hub itself.
 * https://openid.net/specs/openid-connect-backchannel-1_0.html
 */
import { errors, type JWTPayload, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { InvalidError } from '../../lib/errors.ts';
import { ProviderSignInError } from './provider-error.ts';

/** Which sessions end. At least one of the two names is not ''. */
export interface ProviderLogout {
  /** The provider's own name for the session; '' for all of the subject's. */
  readonly sid: string;
  /** The provider's own name for somebody; '' for whoever has the session. */
  readonly subject: string;
  /** Sessions that began before, in milliseconds: a token that is sent again ends none that is newer. */
  readonly before: number;
}

/** What an honest token says. */
export interface LogoutParties {
  readonly issuer: string;
  readonly clientId: string;
}

const event = 'http://schemas.openid.net/event/backchannel-logout';
/** In seconds, that clocks may be apart; the same as for ID tokens. */
const tolerance = 30;
/** In seconds, that a token may be on its way. */
const maxAge = 600;
const name = z.string().max(255).default('');

const claimsSchema = z
  .object({
    iat: z.number(),
    jti: z.string().min(1),
    sid: name,
    sub: name,
    events: z.object({ [event]: z.object({}) }),
    // An ID token has one, and must not be taken for this.
    nonce: z.undefined().optional(),
  })
  .refine(({ sid, sub }) => sid !== '' || sub !== '');

/**
 * @param keys of the provider, as it publishes them now.
 * @throws InvalidError when it is not the provider's word, ProviderSignInError when its keys cannot be read
 */
export async function readLogoutToken(
  token: string,
  keys: JWTVerifyGetKey,
  { issuer, clientId }: LogoutParties,
): Promise<ProviderLogout> {
  const result = claimsSchema.safeParse(await verified(token, keys, { issuer, clientId }));
  if (!result.success) throw new InvalidError('not a logout token: its claims are those of another kind');
  const { sid, sub, iat } = result.data;
  return { sid, subject: sub, before: (iat + tolerance) * 1000 };
}

async function verified(
  token: string,
  keys: JWTVerifyGetKey,
  { issuer, clientId }: LogoutParties,
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience: clientId,
      clockTolerance: tolerance,
      maxTokenAge: maxAge,
      requiredClaims: ['exp'],
    });
    return payload;
  } catch (error) {
    if (isOfToken(error)) throw new InvalidError(`not a logout token: ${error.message}`, { cause: error });
    throw new ProviderSignInError('unavailable', `cannot read the provider's keys: ${String(error)}`, {
      cause: error,
    });
  }
}

/** The library's codes for keys that it could not read. */
const keysUnread: ReadonlySet<string> = new Set(['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC']);

function isOfToken(error: unknown): error is errors.JOSEError {
  return error instanceof errors.JOSEError && !keysUnread.has(error.code);
}
