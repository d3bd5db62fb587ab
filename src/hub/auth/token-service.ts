/**
 * /token: credentials for a registry token. GET as docker and podman ask, the OAuth2 form as containerd does. Rights that the
 * caller lacks are left out, without an error.
 * https://distribution.github.io/distribution/spec/auth/token/ and …/auth/oauth/
 */
import { type SignInParts, signIn } from '../accounts/sign-in.ts';
import { readBounded } from '../bounded-body.ts';
import { UnsupportedError } from '../../lib/errors.ts';
import { oauthErrorResponse, registryErrorResponse } from '../registry/errors.ts';
import { tryParseRepositoryPath } from '../repositories/repository-path.ts';
import type { RepositoryStore } from '../repositories/repository-store.ts';
import { basicCredentials } from './basic.ts';
import { type Actor, anonymous } from './policy.ts';
import type { RightsStore } from './rights-store.ts';
import { type Access, formatAccess, parseScopes, type ScopeAction } from './scope.ts';
import { type TokenIssuer, tokenLifetime } from './token.ts';

export interface TokenServiceParts extends SignInParts {
  readonly tokens: TokenIssuer;
  readonly repositories: RepositoryStore;
  readonly rights: RightsStore;
}

const maxFormLength = 64 * 1024;

/** Answers /token. Never throws what a client could cause. @param address of the client, for the limit on sign-ins. */
export async function handleToken(
  parts: TokenServiceParts,
  request: Request,
  url: URL,
  address: string,
): Promise<Response> {
  try {
    if (request.method === 'GET') return await handleGet(parts, request, url, address);
    if (request.method === 'POST') return await handlePost(parts, request, address);
    throw new UnsupportedError('tokens are given to GET and POST');
  } catch (error) {
    return registryErrorResponse(error);
  }
}

async function handleGet(
  parts: TokenServiceParts,
  request: Request,
  url: URL,
  address: string,
): Promise<Response> {
  const credentials = basicCredentials(request);
  const actor = credentials ? await actorOf(parts, credentials, address) : anonymous;
  const { token, issuedAt } = await grant(parts, actor, parseScopes(url.searchParams.getAll('scope')));
  return answer({ token, access_token: token, expires_in: tokenLifetime, issued_at: issuedAt });
}

async function handlePost(parts: TokenServiceParts, request: Request, address: string): Promise<Response> {
  const body = await readBounded(request, maxFormLength);
  if (!body) return oauthErrorResponse('invalid_request');
  const form = new URLSearchParams(body.toString('utf8'));
  if (form.get('grant_type') !== 'password') return oauthErrorResponse('unsupported_grant_type');
  const credentials = { username: form.get('username') ?? '', password: form.get('password') ?? '' };
  const actor = await actorOf(parts, credentials, address);
  const { token, issuedAt, access } = await grant(parts, actor, parseScopes(form.getAll('scope')));
  return answer({
    access_token: token,
    scope: formatAccess(access),
    expires_in: tokenLifetime,
    issued_at: issuedAt,
  });
}

async function actorOf(
  parts: TokenServiceParts,
  credentials: { username: string; password: string },
  address: string,
): Promise<Actor> {
  const account = await signIn(parts, credentials, address);
  return { kind: 'account', id: account.id, name: account.name, isAdmin: account.is_admin === 1 };
}

async function grant(
  { tokens, repositories, rights }: TokenServiceParts,
  actor: Actor,
  asked: Access,
): Promise<{ token: string; issuedAt: string; access: Access }> {
  const access = new Map<string, ReadonlySet<ScopeAction>>();
  for (const [text, actions] of asked) {
    const path = tryParseRepositoryPath(text);
    if (!path) continue;
    const repository = await repositories.find(path);
    const granted = new Set<ScopeAction>();
    for (const action of actions) {
      if (await rights.may(actor, [action], path, repository)) granted.add(action);
    }
    if (granted.size > 0) access.set(path.path, granted);
  }
  const now = Date.now();
  const accountId = actor.kind === 'account' ? actor.id : undefined;
  const token = await tokens.issue({ accountId, access }, now);
  return { token, issuedAt: new Date(now).toISOString(), access };
}

function answer(body: object): Response {
  return Response.json(body, { headers: { 'Cache-Control': 'no-store' } });
}
