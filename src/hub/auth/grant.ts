/** What is asked for, narrowed to what the policy allows now, as a signed token. */
import type { RepositoryStore } from '../repositories/repository-store.ts';
import { tryParseRepositoryPath } from '../repositories/repository-path.ts';
import { actorOf, type Identity } from './actors.ts';
import type { RightsStore } from './rights-store.ts';
import type { ScopeAction, Scopes } from './scope.ts';
import type { TokenIssuer } from './token.ts';

export interface GrantParts {
  readonly tokens: TokenIssuer;
  readonly repositories: RepositoryStore;
  readonly rights: RightsStore;
}

export interface Grant {
  readonly token: string;
  /** RFC 3339. */
  readonly issuedAt: string;
  readonly scopes: Scopes;
}

/** @param identity undefined: anonymous, who may pull what is public. */
export async function grant(
  { tokens, repositories, rights }: GrantParts,
  identity: Identity | undefined,
  asked: Scopes,
): Promise<Grant> {
  const actor = actorOf(identity);
  const access = new Map<string, ReadonlySet<ScopeAction>>();
  for (const [text, actions] of asked.access) {
    const path = tryParseRepositoryPath(text);
    if (!path) continue;
    const repository = await repositories.find(path);
    const granted = new Set<ScopeAction>();
    for (const action of actions) {
      if (await rights.may(actor, [action], path, repository)) granted.add(action);
    }
    if (granted.size > 0) access.set(path.path, granted);
  }
  // Catalog and search are everybody's: both show only what the policy lets the actor pull.
  const scopes = { access, catalog: asked.catalog };
  const now = Date.now();
  const proof = { accountId: identity?.account.id, accessTokenId: identity?.accessToken?.id };
  return {
    token: await tokens.issue({ ...proof, ...scopes }, now),
    issuedAt: new Date(now).toISOString(),
    scopes,
  };
}
