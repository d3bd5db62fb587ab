/**
 * Scopes: what a client asks a token for, and what it gets.
 * https://distribution.github.io/distribution/spec/auth/scope/
 */
import { isRepositoryPath } from '../../oci/image/reference.ts';

export type ScopeAction = 'pull' | 'push' | 'delete';

/** Actions by repository path. */
export type Access = ReadonlyMap<string, ReadonlySet<ScopeAction>>;

const maxScopes = 100;
const all: readonly ScopeAction[] = ['pull', 'push', 'delete'];

/**
 * What is asked for. Several scopes come as several parameters or as one with spaces; one repository may come twice.
 * Whatever is no repository, or malformed, grants nothing and is left out.
 */
export function parseScopes(parameters: readonly string[]): Access {
  const access = new Map<string, Set<ScopeAction>>();
  const scopes = parameters.flatMap((parameter) => parameter.split(' ')).filter(Boolean);
  for (const scope of scopes.slice(0, maxScopes)) {
    // A name may hold a port's colon: split at the first and the last one.
    const first = scope.indexOf(':');
    const last = scope.lastIndexOf(':');
    const type = scope.slice(0, first).replace(/\([a-z0-9]+\)$/, '');
    const path = scope.slice(first + 1, last);
    if (type !== 'repository' || last <= first || !isRepositoryPath(path)) continue;
    const actions = access.get(path) ?? new Set();
    for (const action of scope.slice(last + 1).split(',')) {
      if (action === '*') for (const each of all) actions.add(each);
      else if (isScopeAction(action)) actions.add(action);
    }
    access.set(path, actions);
  }
  return access;
}

function isScopeAction(text: string): text is ScopeAction {
  return all.includes(text as ScopeAction);
}

/** `repository:a/b:pull,push repository:c/d:pull`, as in challenges and in the OAuth2 answer. */
export function formatAccess(access: Access): string {
  return [...access]
    .filter(([, actions]) => actions.size > 0)
    .map(([path, actions]) => `repository:${path}:${[...actions].join(',')}`)
    .join(' ');
}
