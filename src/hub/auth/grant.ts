/** What is asked for, narrowed to what the policy allows now, as a signed token. */
import { tryParseRepositoryPath } from '../repositories/repository-path.ts';
import { type AccessParts, accessTo } from './access-to.ts';
import { actorOf, type Identity } from './actors.ts';
import type { Events } from '../events.ts';
import type { ScopeAction, Scopes } from './scope.ts';
import type { TokenIssuer } from './token.ts';

export interface GrantParts extends AccessParts {
  readonly events: Events;
  readonly tokens: TokenIssuer;
}

export interface Grant {
  readonly token: string;
  /** RFC 3339. */
  readonly issuedAt: string;
  readonly scopes: Scopes;
}

/** @param identity undefined: anonymous, who may pull what is public. */
export async function grant(
  parts: GrantParts,
  identity: Identity | undefined,
  asked: Scopes,
): Promise<Grant> {
  const actor = actorOf(identity);
  const access = new Map<string, ReadonlySet<ScopeAction>>();
  for (const [text, actions] of asked.access) {
    const path = tryParseRepositoryPath(text);
    if (!path) continue;
    const granted = new Set<ScopeAction>();
    for (const action of actions) {
      if ((await accessTo(parts, actor, path, [action])).isAllowed) granted.add(action);
    }
    if (granted.size > 0) access.set(path.path, granted);
    const denied = [...actions].filter((action) => !granted.has(action)).join(',');
    // Whoever has proved nothing yet may do so next.
    if (identity && denied !== '') {
      parts.events.report({
        kind: 'access-refused',
        object: path.path,
        reason: 'not granted',
        action: denied,
      });
    }
  }
  // Catalog and search are everybody's: both show only what the policy lets the actor pull.
  const scopes = { access, catalog: asked.catalog };
  const now = Date.now();
  const proof = { accountId: identity?.account.id, accessTokenId: identity?.accessToken?.id };
  return {
    token: await parts.tokens.issue({ ...proof, ...scopes }, now),
    issuedAt: new Date(now).toISOString(),
    scopes,
  };
}
