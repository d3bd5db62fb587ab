/** Which repository a name is of, and which it was of before: parts of the transactions that give and take names. */
import { ConflictError } from '../../lib/errors.ts';
import type { Transaction } from '../db/transaction.ts';
import { withinRepositoryQuota } from '../quotas/repository-quota.ts';
import { withinQuota } from '../quotas/within-quota.ts';
import { indexRepository } from '../search/search-index.ts';

export interface Place {
  readonly namespace: string;
  readonly name: string;
}

/**
 * The name is nobody's, from here to the end of the transaction; a first push that was begun there and has come to nothing yet
 * is given up. @throws ConflictError
 */
export async function requireFree(transaction: Transaction, place: Place): Promise<void> {
  await transaction
    .deleteFrom('repositories')
    .where('namespace', '=', place.namespace)
    .where('name', '=', place.name)
    .where('is_pending', '=', 1)
    .execute();
  const taken = await transaction
    .selectFrom('repositories')
    .select('id')
    .where('namespace', '=', place.namespace)
    .where('name', '=', place.name)
    .executeTakeFirst();
  if (taken) throw new ConflictError('a repository with this name exists already');
}

/** Puts a repository somewhere else, with what search knows of it. @throws DeniedError when there is no room for it. */
export async function setPlace(
  transaction: Transaction,
  id: number,
  { namespace, name }: Place,
  isPending: 0 | 1,
): Promise<void> {
  const put = transaction
    .updateTable('repositories')
    .set({ namespace, name, is_pending: isPending, updated_at: Date.now() })
    .where('id', '=', id);
  await withinRepositoryQuota(transaction, namespace, () =>
    withinQuota(transaction, { namespace }, () => put.execute()),
  );
  await indexRepository(transaction, id);
  if (isPending === 0) await dropRedirect(transaction, { namespace, name });
}

/** Whoever takes a name has it: it no longer leads to the repository that had it before. */
export async function dropRedirect(transaction: Transaction, { namespace, name }: Place): Promise<void> {
  await transaction
    .deleteFrom('repository_redirects')
    .where('namespace', '=', namespace)
    .where('name', '=', name)
    .execute();
}
