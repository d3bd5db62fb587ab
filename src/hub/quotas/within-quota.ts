/** The check that holds: whatever adds to a namespace does it here, in its own transaction, and so only up to the quota. */
import { DeniedError } from '../../lib/errors.ts';
import type { Queries } from '../db/database.ts';

export interface Quota {
  readonly namespace: string;
  readonly max_bytes: number;
  /** Blobs and manifests, as they are stored; what several repositories of the namespace have counts once. */
  readonly used_bytes: number;
}

/** A repository stands for the namespace that it is in. */
export type QuotaOwner = { readonly namespace: string } | { readonly repositoryId: number };

/**
 * Runs `add`, a part of a transaction that writes alone. @throws DeniedError, so that the transaction comes to nothing, when the
 * namespace then holds more than it may and more than before.
 */
export async function withinQuota<T>(
  transaction: Queries,
  owner: QuotaOwner,
  add: () => Promise<T>,
): Promise<T> {
  const before = await quotaOf(transaction, owner);
  const result = await add();
  if (!before) return result;
  const after = await quotaOf(transaction, { namespace: before.namespace });
  if (after && after.used_bytes > before.used_bytes && after.used_bytes > after.max_bytes) {
    throw quotaExceeded(before, after.used_bytes - before.used_bytes);
  }
  return result;
}

/** @param bytes that are more than is left, or at least so many of them. */
export function quotaExceeded({ namespace, max_bytes, used_bytes }: Quota, bytes: number): DeniedError {
  return new DeniedError(
    `the quota of ${namespace} is exceeded: ${sizeText(used_bytes)} of ${sizeText(max_bytes)} are used, ` +
      `this needs ${sizeText(bytes)} more: delete images or repositories there, or ask an administrator for more`,
  );
}

async function quotaOf(queries: Queries, owner: QuotaOwner): Promise<Quota | undefined> {
  const quotas = queries
    .selectFrom('quotas')
    .select(['quotas.namespace', 'quotas.max_bytes', 'quotas.used_bytes']);
  if ('namespace' in owner) return quotas.where('quotas.namespace', '=', owner.namespace).executeTakeFirst();
  return quotas
    .innerJoin('repositories', 'repositories.namespace', 'quotas.namespace')
    .where('repositories.id', '=', owner.repositoryId)
    .executeTakeFirst();
}

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** As docker writes sizes: `1.5GB`. */
function sizeText(bytes: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  return `${Number((bytes / 1000 ** power).toPrecision(4))}${units[power] ?? ''}`;
}
