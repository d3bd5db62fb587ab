/**
 * /token: credentials for a registry token. GET as docker and podman ask, the OAuth2 form as containerd does and docker with a
 * refresh token. Rights that the caller lacks are left out, without an error.
 * https://distribution.github.io/distribution/spec/auth/token/ and …/auth/oauth/
 */
import type { SessionStore } from '../accounts/session-store.ts';
import { type SignInParts, signIn } from '../accounts/sign-in.ts';
import { readBounded } from '../bounded-body.ts';
import { UnauthorizedError, UnsupportedError } from '../../lib/errors.ts';
import type { Changes } from '../changes.ts';
import { identified } from '../request-context.ts';
import type { RequestLimits } from '../limits/request-limits.ts';
import { oauthErrorResponse, registryErrorResponse } from '../registry/errors.ts';
import { type Identity, identityOf } from './actors.ts';
import { basicCredentials } from './basic.ts';
import { grant, type GrantParts } from './grant.ts';
import { formatScopes, parseScopes } from './scope.ts';
import { service } from './token.ts';
import { tokenLifetime } from './token-lifetime.ts';

export interface TokenServiceParts extends SignInParts, GrantParts {
  readonly sessions: SessionStore;
  readonly changes: Changes;
  readonly limits: RequestLimits;
  /** Whether GET gives refresh tokens: docker then keeps one instead of the password, and podman no longer reads its file. */
  readonly offlineTokens: boolean;
}

/** Where a request for a token came from. */
interface Caller {
  readonly address: string;
  readonly userAgent: string;
}

const maxFormLength = 64 * 1024;
const maxServiceLength = 255;

/** Answers /token. Never throws what a client could cause. @param address of the client, for the limits. */
export async function handleToken(
  parts: TokenServiceParts,
  request: Request,
  url: URL,
  address: string,
): Promise<Response> {
  const caller = { address, userAgent: request.headers.get('User-Agent') ?? '' };
  try {
    parts.limits.takeToken(address);
    if (request.method === 'GET') return await handleGet(parts, request, url, caller);
    if (request.method === 'POST') return await handlePost(parts, request, caller);
    throw new UnsupportedError('tokens are given to GET and POST');
  } catch (error) {
    return registryErrorResponse(error);
  }
}

async function handleGet(
  parts: TokenServiceParts,
  request: Request,
  { searchParams }: URL,
  caller: Caller,
): Promise<Response> {
  const credentials = basicCredentials(request);
  const identity = credentials && (await signIn(parts, credentials, caller.address));
  identified(identity);
  if (identity) parts.limits.takeAccountToken(identity.account.id);
  const { token, issuedAt } = await grant(parts, identity, parseScopes(searchParams.getAll('scope')));
  const isOffline = parts.offlineTokens && searchParams.get('offline_token') === 'true';
  const refresh =
    isOffline && identity ? await createRefreshToken(parts, identity, searchParams, caller) : undefined;
  return answer({
    token,
    access_token: token,
    expires_in: tokenLifetime,
    issued_at: issuedAt,
    ...(refresh !== undefined && { refresh_token: refresh }),
  });
}

async function handlePost(parts: TokenServiceParts, request: Request, caller: Caller): Promise<Response> {
  const body = await readBounded(request, maxFormLength);
  if (!body) return oauthErrorResponse('invalid_request');
  const form = new URLSearchParams(body.toString('utf8'));
  switch (form.get('grant_type')) {
    case 'password': {
      const credentials = { username: form.get('username') ?? '', password: form.get('password') ?? '' };
      const identity = await signIn(parts, credentials, caller.address);
      identified(identity);
      const isOffline = form.get('access_type') === 'offline';
      const refresh = isOffline ? await createRefreshToken(parts, identity, form, caller) : undefined;
      return await answerForm(parts, identity, form, refresh);
    }
    case 'refresh_token': {
      const refresh = form.get('refresh_token') ?? '';
      return await answerForm(parts, await identityOfRefresh(parts, refresh, form), form, refresh);
    }
    default:
      return oauthErrorResponse('unsupported_grant_type');
  }
}

async function answerForm(
  parts: TokenServiceParts,
  identity: Identity,
  form: URLSearchParams,
  refresh: string | undefined,
): Promise<Response> {
  parts.limits.takeAccountToken(identity.account.id);
  const { token, issuedAt, scopes } = await grant(parts, identity, parseScopes(form.getAll('scope')));
  return answer({
    access_token: token,
    scope: formatScopes(scopes),
    expires_in: tokenLifetime,
    issued_at: issuedAt,
    ...(refresh !== undefined && { refresh_token: refresh }),
  });
}

/** `docker login` keeps it: a sign-in, unlike the tokens that it is good for. */
function createRefreshToken(
  { sessions, changes }: TokenServiceParts,
  { account, accessToken }: Identity,
  parameters: URLSearchParams,
  caller: Caller,
): Promise<string> {
  const session = {
    accountId: account.id,
    purpose: 'refresh',
    accessTokenId: accessToken?.id,
    service: serviceOf(parameters),
    ...caller,
  } as const;
  return changes.make(() => sessions.create(session), {
    kind: 'signed-in',
    account: account.name,
    address: caller.address,
  });
}

/** Who holds the refresh token, now. @throws UnauthorizedError when it ended, or is another service's. */
async function identityOfRefresh(
  parts: TokenServiceParts,
  refresh: string,
  form: URLSearchParams,
): Promise<Identity> {
  const session = await parts.sessions.find(refresh, 'refresh');
  const proof = session && {
    accountId: session.account_id,
    accessTokenId: session.access_token_id ?? undefined,
  };
  const identity = proof && (await identityOf(parts, proof));
  if (!session || !identity || session.service !== serviceOf(form)) {
    parts.events.report({
      kind: 'access-refused',
      object: '/token',
      reason: 'refresh token',
      action: 'refresh',
    });
    throw new UnauthorizedError('the refresh token has ended: log in again');
  }
  identified(identity);
  await parts.sessions.touch(session, 'refresh');
  return identity;
}

function serviceOf(parameters: URLSearchParams): string {
  return (parameters.get('service') || service).slice(0, maxServiceLength);
}

function answer(body: object): Response {
  return Response.json(body, { headers: { 'Cache-Control': 'no-store' } });
}
