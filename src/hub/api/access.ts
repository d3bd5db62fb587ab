/** From names in an address to a repository that the caller may use so. What they may not see is not there. */
import { DeniedError, InvalidError, NotFoundError, UnauthorizedError } from '../../lib/errors.ts';
import type { Action } from '../auth/policy.ts';
import type { RightsStore } from '../auth/rights-store.ts';
import { parseRepositoryPath, type RepositoryPath } from '../repositories/repository-path.ts';
import { type RepositoryKey, type RepositoryStore, visibilityOf } from '../repositories/repository-store.ts';
import type { Caller } from './call.ts';

/** A call whose address names a repository. */
export interface RepositoryCall extends Caller {
  readonly params: { readonly namespace: string; readonly repository: string };
}

/**
 * @throws NotFoundError when it is absent, or private and not the caller's: both the same.
 * @throws UnauthorizedError when signing in may help, DeniedError when not.
 */
export async function authorize(
  { repositories, rights }: { readonly repositories: RepositoryStore; readonly rights: RightsStore },
  call: RepositoryCall,
  action: Action,
): Promise<{ readonly path: RepositoryPath; readonly repository: RepositoryKey }> {
  const path = readPath(call);
  const repository = await repositories.find(path);
  const isThere = repository !== undefined && visibilityOf(repository) !== 'absent';
  if (!isThere || !(await rights.may(call.actor, ['pull'], path, repository))) {
    throw new NotFoundError('object not found');
  }
  if (await rights.may(call.actor, [action], path, repository)) return { path, repository };
  if (call.actor.kind === 'anonymous') throw new UnauthorizedError('authentication required: sign in first');
  throw new DeniedError('you may not do this with the repository');
}

/** A name that cannot be a repository's is one that isn't there. */
function readPath({ params }: RepositoryCall): RepositoryPath {
  try {
    return parseRepositoryPath(params.namespace, params.repository);
  } catch (error) {
    if (error instanceof InvalidError) throw new NotFoundError('object not found');
    throw error;
  }
}
