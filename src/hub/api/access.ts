/** From names in an address to a repository that the caller may use so. What they may not see is not there. */
import { InvalidError, NotFoundError, UnauthorizedError } from '../../lib/errors.ts';
import { type AccessParts, accessTo } from '../auth/access-to.ts';
import type { Action } from '../auth/policy.ts';
import { parseRepositoryPath, type RepositoryPath } from '../repositories/repository-path.ts';
import { type RepositoryKey, visibilityOf } from '../repositories/repository-store.ts';
import type { Caller } from './call.ts';
import { HiddenError, NotAllowedError } from './refusals.ts';

/** A call whose address names a repository. */
export interface RepositoryCall extends Caller {
  readonly params: { readonly namespace: string; readonly repository: string };
}

/**
 * A name that the repository had before leads to it as well; `path` is the one that it has now.
 * @throws NotFoundError when it is absent, or private and not the caller's: both the same.
 * @throws UnauthorizedError when signing in may help, DeniedError when not.
 */
export async function authorize(
  parts: AccessParts,
  call: RepositoryCall,
  action: Action,
): Promise<{ readonly path: RepositoryPath; readonly repository: RepositoryKey }> {
  const { path, repository, isAllowed } = await accessTo(parts, call.actor, readPath(call), ['pull']);
  const isThere = repository !== undefined && visibilityOf(repository) !== 'absent';
  if (!isThere) throw new NotFoundError('object not found');
  if (!isAllowed) throw new HiddenError(path.path);
  if (await parts.rights.may(call.actor, [action], path, repository)) return { path, repository };
  if (call.actor.kind === 'anonymous') throw new UnauthorizedError('authentication required: sign in first');
  throw new NotAllowedError(path.path);
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
