/**
 * Who passes: the token must name the repository and the action, and the policy must still say yes now, so that a right taken
 * away is gone at once. What is refused looks the same whether the repository is private or absent.
 */
import { type AccessParts, accessTo } from '../auth/access-to.ts';
import { type ActorParts, actorOf, identityOf } from '../auth/actors.ts';
import { anonymous, type Actor } from '../auth/policy.ts';
import { type CatalogAction, formatAccess, formatScopes, type ScopeAction } from '../auth/scope.ts';
import { service, type TokenClaims, type TokenIssuer } from '../auth/token.ts';
import { UnauthorizedError } from '../../lib/errors.ts';
import type { RepositoryPath } from '../repositories/repository-path.ts';
import type { RepositoryKey } from '../repositories/repository-store.ts';
import { ChallengeFailure } from './failure.ts';

export interface GateParts extends ActorParts, AccessParts {
  readonly tokens: TokenIssuer;
  /** Where tokens are given, as the client reaches it. */
  readonly realmOf: (request: Request) => string;
}

export interface Admission {
  readonly actor: Actor;
  /** Undefined when it isn't there (yet). */
  readonly repository: RepositoryKey | undefined;
}

/** Any token that still stands for somebody will do: /v2/ tells clients whether they are signed in. @throws ChallengeFailure */
export async function requireToken(parts: GateParts, request: Request): Promise<void> {
  const claims = await claimsOf(parts, request, '', undefined);
  if (await actorBehind(parts, claims)) return;
  const realm = parts.realmOf(request);
  throw new ChallengeFailure({ realm, service, scope: '', reason: 'invalid_token', detail: undefined });
}

/** @throws ChallengeFailure */
export async function admit(
  parts: GateParts,
  request: Request,
  path: RepositoryPath,
  actions: readonly ScopeAction[],
  mountFrom?: RepositoryPath,
): Promise<Admission> {
  const scope = scopeOf(path, actions, mountFrom);
  const detail = actions.map((action) => ({
    Type: 'repository',
    Class: '',
    Name: path.path,
    Action: action,
  }));
  const claims = await claimsOf(parts, request, scope, detail);
  const granted = claims.access.get(path.path);
  const actor = await actorBehind(parts, claims);
  const access = actor && (await accessTo(parts, actor, path, actions));
  if (!actor || !access?.isAllowed || !actions.every((action) => granted?.has(action))) {
    const realm = parts.realmOf(request);
    throw new ChallengeFailure({ realm, service, scope, reason: 'insufficient_scope', detail });
  }
  return { actor, repository: access.repository };
}

/** Who may list, by a token for just that. @throws ChallengeFailure */
export async function admitToCatalog(
  parts: GateParts,
  request: Request,
  action: CatalogAction,
): Promise<Actor> {
  const scope = formatScopes({ access: new Map(), catalog: new Set([action]) });
  const detail = [{ Type: 'registry', Class: '', Name: 'catalog', Action: action }];
  const claims = await claimsOf(parts, request, scope, detail);
  const actor = await actorBehind(parts, claims);
  if (actor && claims.catalog.has(action)) return actor;
  const realm = parts.realmOf(request);
  throw new ChallengeFailure({ realm, service, scope, reason: 'insufficient_scope', detail });
}

/** Undefined when the account is gone, or the access token that the registry token was given for. */
async function actorBehind(
  parts: ActorParts,
  { accountId, accessTokenId }: TokenClaims,
): Promise<Actor | undefined> {
  if (accountId === undefined) return anonymous;
  const identity = await identityOf(parts, { accountId, accessTokenId });
  return identity && actorOf(identity);
}

async function claimsOf(
  { tokens, realmOf }: GateParts,
  request: Request,
  scope: string,
  detail: unknown,
): Promise<TokenClaims> {
  const header = request.headers.get('Authorization');
  const token = header?.slice(0, 7).toLowerCase() === 'bearer ' ? header.slice(7).trim() : undefined;
  try {
    if (token !== undefined) return await tokens.verify(token);
  } catch (error) {
    if (!(error instanceof UnauthorizedError)) throw error;
  }
  const reason = token === undefined ? undefined : 'invalid_token';
  throw new ChallengeFailure({ realm: realmOf(request), service, scope, reason, detail });
}

function scopeOf(path: RepositoryPath, actions: readonly ScopeAction[], mountFrom?: RepositoryPath): string {
  const access = new Map<string, ReadonlySet<ScopeAction>>([[path.path, new Set(actions)]]);
  if (mountFrom && mountFrom.path !== path.path) access.set(mountFrom.path, new Set(['pull']));
  return formatAccess(access);
}
