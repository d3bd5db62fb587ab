/** The check that holds of how many repositories there may be, as within-quota.ts is of how much they hold. */
import { type RawBuilder, sql } from 'kysely';
import { DeniedError } from '../../lib/errors.ts';
import type { Queries } from '../db/database.ts';

export interface RepositoryQuota {
  /** Null: no limit. */
  readonly max_all: number | null;
  /** Null: no limit. */
  readonly max_private: number | null;
  readonly all_count: number;
  /** Those of them that are private. */
  readonly private_count: number;
}

/**
 * Runs `add`, a part of a transaction that writes alone. @throws DeniedError, so that the transaction comes to nothing, when the
 * namespace then has more repositories, or more private ones, than it may and than before.
 */
export async function withinRepositoryQuota<T>(
  transaction: Queries,
  namespace: string,
  add: () => Promise<T>,
): Promise<T> {
  const before = await quotaOf(transaction, namespace);
  const result = await add();
  const after = before && (await quotaOf(transaction, namespace));
  if (before && after) requireWithin(namespace, before, after);
  return result;
}

/** A look ahead, so that nobody sends for nothing. @throws DeniedError when another repository, a public one, would be too many. */
export async function requireRepositoryRoom(queries: Queries, namespace: string): Promise<void> {
  const before = await quotaOf(queries, namespace);
  if (before) requireWithin(namespace, before, { ...before, all_count: before.all_count + 1 });
}

/** Of the row `q`, which has a namespace; one that waits for its first image is not there. */
export const repositoryCounts: RawBuilder<unknown> = sql`
  (SELECT count(*) FROM repositories r WHERE r.namespace = q.namespace AND r.is_pending = 0) AS all_count,
  (SELECT count(*) FROM repositories r WHERE r.namespace = q.namespace AND r.is_pending = 0
    AND r.is_private = 1) AS private_count`;

async function quotaOf(queries: Queries, namespace: string): Promise<RepositoryQuota | undefined> {
  const { rows } = await sql<RepositoryQuota>`SELECT q.max_all, q.max_private, ${repositoryCounts}
    FROM repository_quotas q WHERE q.namespace = ${namespace}`.execute(queries);
  return rows[0];
}

function requireWithin(namespace: string, before: RepositoryQuota, after: RepositoryQuota): void {
  const { max_all: all, max_private: open } = after;
  if (all !== null && after.all_count > all && after.all_count > before.all_count) {
    throw exceeded(namespace, before.all_count, all, 'repositories', 'delete one');
  }
  if (open !== null && after.private_count > open && after.private_count > before.private_count) {
    throw exceeded(
      namespace,
      before.private_count,
      open,
      'private repositories',
      'make one public or delete one',
    );
  }
}

function exceeded(namespace: string, count: number, max: number, what: string, remedy: string): DeniedError {
  return new DeniedError(
    `the quota of ${namespace} is exceeded: it has ${count} of ${max} ${what}: ${remedy}, or ask an administrator for more`,
  );
}
