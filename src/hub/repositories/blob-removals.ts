/**
 * Bytes that leave an object store: written down before the first request and after the last, so that no transaction waits for
 * them. What somebody wants to link meanwhile is not linked, as in registry/link-blob.ts.
 */
import { sql } from 'kysely';
import type { Digest } from '../../oci/image/digest.ts';
import type { HubDatabase } from '../db/database.ts';
import type { Transaction } from '../db/transaction.ts';
import { isHeld } from '../keeping/hold-store.ts';

/** In milliseconds: no request of a removal runs for so long. Its copy of the hub has ended in the middle of it. */
const abandonedAfter = 60_000;
/** In milliseconds: nobody who looked at the bytes before a removal has still not linked them. */
const keptFor = 3600_000;

export interface Removal {
  readonly id: number;
  readonly digest: Digest;
}

/** The number of the last removal; those that begin later have higher ones. */
export async function lastRemoval(database: HubDatabase): Promise<number> {
  const [row] = await database.read(
    sql<{ last: number }>`SELECT coalesce(max(id), 0) AS last FROM blob_removals`,
  );
  return row?.last ?? 0;
}

/** True when a removal of these bytes goes on, or one has begun after `known`, the last one before they were looked at. */
export async function isRemoved(transaction: Transaction, digest: Digest, known: number): Promise<boolean> {
  const found = await transaction
    .selectFrom('blob_removals')
    .select('id')
    .where('digest', '=', digest)
    .where((row) =>
      row.or([
        row('id', '>', known),
        row.and([row('ended_at', 'is', null), row('begun_at', '>', Date.now() - abandonedAfter)]),
      ]),
    )
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

/**
 * Begins to remove those of the blobs that neither the cache nor a repository holds, unless a backup may need them; none gets to
 * hold one of them until it has ended.
 */
export function beginRemovals(
  database: HubDatabase,
  digests: readonly Digest[],
): Promise<readonly Removal[]> {
  return database.transaction(async (transaction) => {
    if (await isHeld(transaction)) return [];
    const rows = await transaction
      .selectFrom('repository_blobs')
      .select('digest')
      .where('digest', 'in', digests)
      .unionAll(transaction.selectFrom('cached_blobs').select('digest').where('digest', 'in', digests))
      .execute();
    const held = new Set(rows.map(({ digest }) => digest));
    const removals: Removal[] = [];
    for (const digest of digests) {
      if (held.has(digest)) continue;
      const { id } = await transaction
        .insertInto('blob_removals')
        .values({ digest, begun_at: Date.now(), ended_at: null })
        .returning('id')
        .executeTakeFirstOrThrow();
      removals.push({ id, digest });
    }
    return removals;
  });
}

/** The bytes are gone, or stay. */
export async function endRemovals(database: HubDatabase, removals: readonly Removal[]): Promise<void> {
  if (removals.length === 0) return;
  const ids = removals.map(({ id }) => id);
  await database.exclusively((transaction) =>
    transaction.updateTable('blob_removals').set({ ended_at: Date.now() }).where('id', 'in', ids).execute(),
  );
}

/** Forgets those of long ago. */
export async function forgetRemovals(database: HubDatabase): Promise<void> {
  await database.exclusively((transaction) =>
    transaction
      .deleteFrom('blob_removals')
      .where('begun_at', '<', Date.now() - keptFor)
      .execute(),
  );
}
