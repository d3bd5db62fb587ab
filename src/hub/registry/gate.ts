/**
 * Who passes: the token must name the repository and the action, and the policy must still say yes now, so that a right taken
 * away is gone at once. What is refused looks the same whether the repository is private or absent.
 */
import type { AccountStore } from '../accounts/account-store.ts';
import { anonymous, type Actor } from '../auth/policy.ts';
import type { RightsStore } from '../auth/rights-store.ts';
import { formatAccess, type ScopeAction } from '../auth/scope.ts';
import { service, type TokenClaims, type TokenIssuer } from '../auth/token.ts';
import { UnauthorizedError } from '../../lib/errors.ts';
import type { RepositoryPath } from '../repositories/repository-path.ts';
import type { RepositoryKey, RepositoryStore } from '../repositories/repository-store.ts';
import { ChallengeFailure } from './failure.ts';

export interface GateParts {
  readonly tokens: TokenIssuer;
  readonly accounts: AccountStore;
  readonly repositories: RepositoryStore;
  readonly rights: RightsStore;
  /** Where tokens are given, as the client reaches it. */
  readonly realmOf: (request: Request) => string;
}

export interface Admission {
  readonly actor: Actor;
  /** Undefined when it isn't there (yet). */
  readonly repository: RepositoryKey | undefined;
}

/** @throws ChallengeFailure without a token of ours. Any will do: /v2/ tells clients whether they are signed in. */
export async function requireToken(parts: GateParts, request: Request): Promise<TokenClaims> {
  return claimsOf(parts, request, '', undefined);
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
  const [actor, repository] = await Promise.all([
    actorOf(parts.accounts, claims.accountId),
    parts.repositories.find(path),
  ]);
  const passes =
    actor !== undefined &&
    actions.every((action) => granted?.has(action)) &&
    (await parts.rights.may(actor, actions, path, repository));
  if (!passes) {
    const realm = parts.realmOf(request);
    throw new ChallengeFailure({ realm, service, scope, reason: 'insufficient_scope', detail });
  }
  return { actor, repository };
}

/** The actor behind a token; undefined when the account is gone. */
export async function actorOf(
  accounts: AccountStore,
  accountId: number | undefined,
): Promise<Actor | undefined> {
  if (accountId === undefined) return anonymous;
  const account = await accounts.find(accountId);
  return account && { kind: 'account', id: account.id, name: account.name, isAdmin: account.is_admin === 1 };
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
