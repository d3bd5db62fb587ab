/** From a name to the repository that it means to the caller, perhaps by a name that it had before; and whether they may. */
import type { RedirectStore } from '../repositories/redirect-store.ts';
import type { RepositoryPath } from '../repositories/repository-path.ts';
import { type RepositoryKey, type RepositoryStore, visibilityOf } from '../repositories/repository-store.ts';
import type { Action, Actor } from './policy.ts';
import type { RightsStore } from './rights-store.ts';

export interface AccessParts {
  readonly repositories: RepositoryStore;
  readonly redirects: RedirectStore;
  readonly rights: RightsStore;
}

export interface Access {
  /** Where it is now. */
  readonly path: RepositoryPath;
  /** Undefined when it isn't there (yet). */
  readonly repository: RepositoryKey | undefined;
  readonly isAllowed: boolean;
}

/**
 * An earlier name leads on only for who may do there what they ask for. For everybody else it is a name that nobody has: it tells
 * nothing about the repository, and the owner of its namespace may push something new there.
 */
export async function accessTo(
  { repositories, redirects, rights }: AccessParts,
  actor: Actor,
  path: RepositoryPath,
  actions: readonly Action[],
): Promise<Access> {
  const repository = await repositories.find(path);
  if (visibilityOf(repository) === 'absent') {
    const moved = await redirects.find(path);
    if (moved && (await rights.may(actor, actions, moved.path, moved.repository))) {
      return { ...moved, isAllowed: true };
    }
  }
  return { path, repository, isAllowed: await rights.may(actor, actions, path, repository) };
}
