/**
 * Scopes: what a client asks a token for, and what it gets.
 * https://distribution.github.io/distribution/spec/auth/scope/
 */
import { isRepositoryPath } from '../../oci/image/reference.ts';

export type ScopeAction = 'pull' | 'push' | 'delete';

/** `*` lists the catalog, `search` searches; both show only what the caller may see. */
export type CatalogAction = '*' | 'search';

/** Actions by repository path. */
export type Access = ReadonlyMap<string, ReadonlySet<ScopeAction>>;

export interface Scopes {
  readonly access: Access;
  readonly catalog: ReadonlySet<CatalogAction>;
}

const maxScopes = 100;
const all: readonly ScopeAction[] = ['pull', 'push', 'delete'];
const ofCatalog: readonly CatalogAction[] = ['*', 'search'];

/**
 * What is asked for. Several scopes come as several parameters or as one with spaces; one repository may come twice.
 * Whatever is neither repository nor catalog, or malformed, grants nothing and is left out.
 */
export function parseScopes(parameters: readonly string[]): Scopes {
  const access = new Map<string, Set<ScopeAction>>();
  const catalog = new Set<CatalogAction>();
  const scopes = parameters.flatMap((parameter) => parameter.split(' ')).filter(Boolean);
  for (const scope of scopes.slice(0, maxScopes)) {
    const { type, name, actions } = split(scope);
    if (type === 'repository' && isRepositoryPath(name)) {
      const asked = access.get(name) ?? new Set();
      for (const action of actions) {
        if (action === '*') for (const each of all) asked.add(each);
        else if (isScopeAction(action)) asked.add(action);
      }
      access.set(name, asked);
    }
    if (type === 'registry' && name === 'catalog') {
      for (const action of ofCatalog) if (actions.includes(action)) catalog.add(action);
    }
  }
  return { access, catalog };
}

/** A name may hold a port's colon: split at the first and the last one. */
function split(scope: string): { type: string; name: string; actions: readonly string[] } {
  const first = scope.indexOf(':');
  const last = scope.lastIndexOf(':');
  if (last <= first) return { type: '', name: '', actions: [] };
  return {
    type: scope.slice(0, first).replace(/\([a-z0-9]+\)$/, ''),
    name: scope.slice(first + 1, last),
    actions: scope.slice(last + 1).split(','),
  };
}

function isScopeAction(text: string): text is ScopeAction {
  return all.includes(text as ScopeAction);
}

/** `repository:a/b:pull,push registry:catalog:*`, as in challenges and in the OAuth2 answer. */
export function formatScopes({ access, catalog }: Scopes): string {
  const repositories = [...access]
    .filter(([, actions]) => actions.size > 0)
    .map(([path, actions]) => `repository:${path}:${[...actions].join(',')}`);
  const registry = catalog.size > 0 ? [`registry:catalog:${[...catalog].join(',')}`] : [];
  return [...repositories, ...registry].join(' ');
}

export function formatAccess(access: Access): string {
  return formatScopes({ access, catalog: new Set() });
}
