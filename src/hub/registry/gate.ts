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
import { identified, traced } from '../request-context.ts';
import type { UpstreamPlace } from '../upstream/upstreams.ts';
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
  /** Where it is instead. */
  readonly upstream: UpstreamPlace | undefined;
}

/** Any token that still stands for somebody will do: /v2/ tells clients whether they are signed in. @throws ChallengeFailure */
export async function requireToken(parts: GateParts, request: Request): Promise<void> {
  const demand = (): Demand => ({ scope: '', detail: undefined });
  const claims = await claimsOf(parts, request, demand);
  if (!(await actorBehind(parts, claims))) throw challenge(parts, request, demand(), 'invalid_token');
}

/** @throws ChallengeFailure */
export function admit(...asked: Parameters<typeof check>): Promise<Admission> {
  return traced('authorize', check, ...asked);
}

async function check(
  parts: GateParts,
  request: Request,
  path: RepositoryPath,
  actions: readonly ScopeAction[],
  mountFrom?: RepositoryPath,
): Promise<Admission> {
  const demand = (): Demand => demandOf(path, actions, mountFrom);
  const claims = await claimsOf(parts, request, demand);
  const granted = claims.access.get(path.path);
  const actor = await actorBehind(parts, claims);
  const access = actor && (await accessTo(parts, actor, path, actions));
  if (!actor || !access?.isAllowed || !actions.every((action) => granted?.has(action))) {
    throw challenge(parts, request, demand(), 'insufficient_scope');
  }
  return { actor, repository: access.repository, upstream: access.upstream };
}

/** Who may list, by a token for just that. @throws ChallengeFailure */
export async function admitToCatalog(
  parts: GateParts,
  request: Request,
  action: CatalogAction,
): Promise<Actor> {
  const demand = (): Demand => ({
    scope: formatScopes({ access: new Map(), catalog: new Set([action]) }),
    detail: [{ Type: 'registry', Class: '', Name: 'catalog', Action: action }],
  });
  const claims = await claimsOf(parts, request, demand);
  const actor = await actorBehind(parts, claims);
  if (actor && claims.catalog.has(action)) return actor;
  throw challenge(parts, request, demand(), 'insufficient_scope');
}

/** Undefined when the account is gone, or the access token that the registry token was given for. */
async function actorBehind(
  parts: ActorParts,
  { accountId, accessTokenId }: TokenClaims,
): Promise<Actor | undefined> {
  if (accountId === undefined) return anonymous;
  const identity = await identityOf(parts, { accountId, accessTokenId });
  identified(identity);
  return identity && actorOf(identity);
}

/** What a token has to name; put into words only for who comes without. */
interface Demand {
  readonly scope: string;
  readonly detail: unknown;
}

async function claimsOf(parts: GateParts, request: Request, demand: () => Demand): Promise<TokenClaims> {
  const header = request.headers.get('Authorization');
  const token = header?.slice(0, 7).toLowerCase() === 'bearer ' ? header.slice(7).trim() : undefined;
  try {
    if (token !== undefined) return await parts.tokens.verify(token);
  } catch (error) {
    if (!(error instanceof UnauthorizedError)) throw error;
  }
  throw challenge(parts, request, demand(), token === undefined ? undefined : 'invalid_token');
}

function challenge(
  { realmOf }: GateParts,
  request: Request,
  demand: Demand,
  reason: ChallengeFailure['reason'],
): ChallengeFailure {
  return new ChallengeFailure({ realm: realmOf(request), service, reason, ...demand });
}

function demandOf(
  path: RepositoryPath,
  actions: readonly ScopeAction[],
  mountFrom: RepositoryPath | undefined,
): Demand {
  const access = new Map<string, ReadonlySet<ScopeAction>>([[path.path, new Set(actions)]]);
  if (mountFrom && mountFrom.path !== path.path) access.set(mountFrom.path, new Set(['pull']));
  const entry = { Type: 'repository', Class: '', Name: path.path };
  return { scope: formatAccess(access), detail: actions.map((action) => ({ ...entry, Action: action })) };
}
