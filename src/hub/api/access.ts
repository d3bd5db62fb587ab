/** From names in an address to a repository that the caller may use so. What they may not see is not there. */
import { DeniedError, InvalidError, NotFoundError, UnauthorizedError } from '../../lib/errors.ts';
import { type Action, isAllowed } from '../auth/policy.ts';
import { parseRepositoryPath, type RepositoryPath } from '../repositories/repository-path.ts';
import { type RepositoryKey, type RepositoryStore, visibilityOf } from '../repositories/repository-store.ts';
import type { Call } from './call.ts';

/**
 * @throws NotFoundError when it is absent, or private and not the caller's: both the same.
 * @throws UnauthorizedError when signing in may help, DeniedError when not.
 */
export async function authorize(
  { repositories }: { readonly repositories: RepositoryStore },
  call: Call,
  action: Action,
): Promise<{ readonly path: RepositoryPath; readonly repository: RepositoryKey }> {
  const path = readPath(call);
  const repository = await repositories.find(path);
  const visibility = visibilityOf(repository);
  if (!repository || visibility === 'absent' || !isAllowed(call.actor, 'pull', path.namespace, visibility)) {
    throw new NotFoundError('object not found');
  }
  if (isAllowed(call.actor, action, path.namespace, visibility)) return { path, repository };
  if (call.actor.kind === 'anonymous') throw new UnauthorizedError('authentication required: sign in first');
  throw new DeniedError('you may not do this with the repository');
}

/** A name that cannot be a repository's is one that isn't there. */
function readPath({ params }: Call): RepositoryPath {
  try {
    return parseRepositoryPath(params['namespace'] ?? '', params['name'] ?? '');
  } catch (error) {
    if (error instanceof InvalidError) throw new NotFoundError('object not found');
    throw error;
  }
}
