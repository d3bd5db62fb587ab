/** What several routes of repositories have in common: the answer, and the reading of a new name. */
import type { Repository } from '../../hub-api/types.ts';
import { ConflictError, DeniedError, InvalidError } from '../../lib/errors.ts';
import { FieldsError } from '../accounts/sign-up.ts';
import { parseRepositoryPath, type RepositoryPath } from '../repositories/repository-path.ts';
import type { Caller } from './call.ts';
import type { ApiParts } from './parts.ts';
import { presentRepository } from './present-repository.ts';

/** @throws NotFoundError */
export async function describeRepository(
  parts: ApiParts,
  { actor, account }: Caller,
  path: RepositoryPath,
): Promise<Repository> {
  const repository = await parts.repositories.detail(path);
  const { id } = repository;
  return presentRepository(repository, actor, {
    relation: await parts.rights.relationTo(actor, path, repository),
    mediaTypes: (await parts.manifests.mediaTypes([id])).get(id) ?? [],
    categories: (await parts.categories.of([id])).get(id) ?? [],
    hasStarred: account !== undefined && (await parts.stars.has(account.id, id)),
  });
}

/** @throws FieldsError */
export function readNewPath(namespace: string, name: string): RepositoryPath {
  try {
    return parseRepositoryPath(namespace, name);
  } catch (error) {
    if (!(error instanceof InvalidError)) throw error;
    const rule =
      'a repository name holds lower-case letters and digits, with single dots, dashes or underscores between them';
    throw new FieldsError({ name: [rule] });
  }
}

/** @throws DeniedError when the caller may make no repository of this name. */
export async function requireMayMake(
  { rights }: ApiParts,
  { actor }: Caller,
  path: RepositoryPath,
): Promise<void> {
  if (await rights.may(actor, ['push'], path, undefined)) return;
  throw new DeniedError(`you may not make repositories in ${path.namespace}`);
}

/** A name that is taken is told beside its field. @throws FieldsError */
export async function taking<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ConflictError) throw new FieldsError({ name: [error.message] });
    throw error;
  }
}
