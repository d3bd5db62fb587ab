/** From a name to the repository that it means to the caller, perhaps by a name that it had before; and whether they may. */
import type { RedirectStore } from '../repositories/redirect-store.ts';
import type { RepositoryPath } from '../repositories/repository-path.ts';
import { type RepositoryKey, type RepositoryStore, visibilityOf } from '../repositories/repository-store.ts';
import type { UpstreamPlace } from '../upstream/upstreams.ts';
import type { Action, Actor } from './policy.ts';
import type { RightsStore } from './rights-store.ts';

export interface AccessParts {
  readonly repositories: RepositoryStore;
  readonly redirects: RedirectStore;
  readonly rights: RightsStore;
  readonly upstreams: {
    /** Where a name is to be had from that the hub has no repository of. */
    find(path: RepositoryPath): Promise<UpstreamPlace | undefined>;
  };
}

export interface Access {
  /** Where it is now. */
  readonly path: RepositoryPath;
  /** Undefined when it isn't there (yet). */
  readonly repository: RepositoryKey | undefined;
  readonly isAllowed: boolean;
  /** Where it is instead, when it isn't there. */
  readonly upstream?: UpstreamPlace;
}

/**
 * An earlier name leads on only for who may do there what they ask for. For everybody else it is a name that nobody has: it tells
 * nothing about the repository, and the owner of its namespace may push something new there.
 */
export async function accessTo(
  { repositories, redirects, rights, upstreams }: AccessParts,
  actor: Actor,
  path: RepositoryPath,
  actions: readonly Action[],
): Promise<Access> {
  const repository = await repositories.find(path);
  const visibility = visibilityOf(repository);
  const moved = visibility === 'absent' ? await redirects.find(path) : undefined;
  if (moved && (await rights.may(actor, actions, moved.path, moved.repository))) {
    return { ...moved, isAllowed: true };
  }
  const isAllowed = await rights.may(actor, actions, path, repository);
  const upstream =
    visibility === 'public' || (repository && isAllowed) ? undefined : await upstreams.find(path);
  if (!upstream) return { path, repository, isAllowed };
  // A name that the hub has is never taken from upstream. Who may not see that it is here finds nothing there either.
  const isHidden = repository !== undefined || moved !== undefined;
  return {
    path,
    repository: undefined,
    isAllowed: await rights.may(actor, actions, path, undefined, 'upstream'),
    upstream: { ...upstream, isHidden },
  };
}
