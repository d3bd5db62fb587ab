/**
 * What nothing needs any more, as far as the tables tell, and its removal. Repositories are gone through a few at a time, and
 * what is found is looked at again in the transaction that removes it: pushes and pulls go on in between.
 */
import { sql } from 'kysely';
import type { Digest } from '../../oci/image/digest.ts';
import type { HubDatabase, Queries } from '../db/database.ts';
import { isHeld } from '../keeping/hold-store.ts';
import type { Transaction } from '../db/transaction.ts';
import { releaseBlobs } from './blob-store.ts';
import { foldOldDays } from './pull-store.ts';

/** Repositories by id: those after the first, up to the second. */
export interface Span {
  readonly after: number;
  readonly upTo: number;
}

interface ManifestKey {
  readonly repository_id: number;
  readonly digest: Digest;
}

const spanSize = 200;
/** Databases bound the number of values in one statement; and a transaction is to be short. */
const chunkSize = 500;

export class GarbageStore {
  readonly #database: HubDatabase;

  constructor(database: HubDatabase) {
    this.#database = database;
  }

  /** All repositories, in parts. */
  async *spans(): AsyncGenerator<Span, void, undefined> {
    for (let after = 0; ;) {
      const rows = await this.#database.queries
        .selectFrom('repositories')
        .select('id')
        .where('id', '>', after)
        .orderBy('id')
        .limit(spanSize)
        .execute();
      const upTo = rows.at(-1)?.id;
      if (upTo === undefined) return;
      yield { after, upTo };
      after = upTo;
    }
  }

  /** The number of manifests that only their digest leads to. @param before only those pushed earlier. */
  async countUntagged(span: Span, before: Date): Promise<number> {
    return (await this.listUntagged(span, before)).length;
  }

  /** What `removeUntagged` would remove until there is nothing more. */
  async listUntagged(span: Span, before: Date): Promise<readonly Digest[]> {
    const found = await untagged(this.#database.queries, span, before, Number.MAX_SAFE_INTEGER);
    return found.map(({ digest }) => digest);
  }

  /**
   * Removes some of them; how many, 0 when there are none. What they need is kept for another grace period: somebody may just
   * have been told that it is here.
   */
  removeUntagged(span: Span, before: Date): Promise<number> {
    return this.#database.transaction(async (transaction) => {
      const found = await untagged(transaction, span, before, chunkSize);
      for (const { repository_id, digest } of found) {
        await releaseBlobs(transaction, repository_id, digest);
        await transaction
          .deleteFrom('manifests')
          .where('repository_id', '=', repository_id)
          .where('digest', '=', digest)
          .execute();
      }
      return found.length;
    });
  }

  /**
   * Forgets what was deleted before and pulls by day of long ago, takes blobs that no manifest has needed since then from their repositories, and forgets
   * repositories whose first push has not gone on since then.
   */
  removeUnused(span: Span, before: Date): Promise<void> {
    return this.#database.transaction(async (transaction) => {
      await removeDeleted(transaction, span, before);
      await foldOldDays(transaction, span, Date.now());
      await sql`DELETE FROM repository_blobs AS b WHERE ${isUnused(span, before)}`.execute(transaction);
      await sql`DELETE FROM repositories
        WHERE id > ${span.after} AND id <= ${span.upTo} AND is_pending = 1 AND updated_at < ${before.getTime()}
          AND NOT EXISTS (SELECT 1 FROM deleted_repositories d WHERE d.repository_id = repositories.id)
          AND NOT EXISTS (SELECT 1 FROM repository_blobs b WHERE b.repository_id = repositories.id)`.execute(
        transaction,
      );
    });
  }

  /** Of these blobs those that neither the cache nor a repository holds, or would hold once `removeUnused` has been everywhere. */
  async unheld(digests: readonly Digest[], before: Date): Promise<readonly Digest[]> {
    const held = new Set<string>();
    for (let at = 0; at < digests.length; at += chunkSize) {
      const some = sql.join(digests.slice(at, at + chunkSize));
      const found = await sql<{ digest: string }>`SELECT DISTINCT b.digest FROM repository_blobs AS b
        WHERE b.digest IN (${some}) AND (b.unused_since >= ${before.getTime()} OR ${isNeeded})
          AND NOT EXISTS (SELECT 1 FROM deleted_repositories d
            WHERE d.repository_id = b.repository_id AND d.deleted_at < ${before.getTime()})`.execute(
        this.#database.queries,
      );
      const cached = await sql<{ digest: string }>`SELECT digest FROM cached_blobs
        WHERE digest IN (${some})`.execute(this.#database.queries);
      for (const { digest } of [...found.rows, ...cached.rows]) held.add(digest);
    }
    return digests.filter((digest) => !held.has(digest));
  }

  /** Runs `remove` unless a repository or the cache holds the blob, or a backup may need it; none gets to hold it meanwhile. */
  whileUnheld<T>(digest: Digest, remove: () => Promise<T>): Promise<T | undefined> {
    return this.#database.exclusively(async (queries) => {
      const held = await queries
        .selectFrom('repository_blobs')
        .select('digest')
        .where('digest', '=', digest)
        .unionAll(queries.selectFrom('cached_blobs').select('digest').where('digest', '=', digest))
        .executeTakeFirst();
      return held || (await isHeld(queries)) ? undefined : remove();
    });
  }
}

const isNeeded = sql<boolean>`EXISTS (SELECT 1 FROM manifest_references r
  WHERE r.repository_id = b.repository_id AND r.digest = b.digest AND r.kind = 'blob')`;

function isUnused({ after, upTo }: Span, before: Date): ReturnType<typeof sql<boolean>> {
  return sql<boolean>`b.repository_id > ${after} AND b.repository_id <= ${upTo}
    AND b.unused_since < ${before.getTime()} AND NOT ${isNeeded}`;
}

/** What can no longer be brought back; a repository goes with all that it holds. */
async function removeDeleted(transaction: Transaction, { after, upTo }: Span, before: Date): Promise<void> {
  for (const table of ['deleted_tags', 'deleted_manifests'] as const) {
    await transaction
      .deleteFrom(table)
      .where('repository_id', '>', after)
      .where('repository_id', '<=', upTo)
      .where('deleted_at', '<', before.getTime())
      .execute();
  }
  await sql`DELETE FROM repositories WHERE id IN (SELECT repository_id FROM deleted_repositories
    WHERE repository_id > ${after} AND repository_id <= ${upTo} AND deleted_at < ${before.getTime()})`.execute(
    transaction,
  );
}

/**
 * No tag names it, no index lists it, and it says nothing about a manifest that is there; and none of that is so of what was
 * deleted and may still be brought back.
 */
async function untagged(
  queries: Queries,
  span: Span,
  before: Date,
  limit: number,
): Promise<readonly ManifestKey[]> {
  const found = await sql<ManifestKey>`SELECT m.repository_id, m.digest FROM manifests m
    WHERE m.repository_id > ${span.after} AND m.repository_id <= ${span.upTo} AND m.pushed_at < ${before.getTime()}
      AND NOT EXISTS (SELECT 1 FROM tags t WHERE t.repository_id = m.repository_id AND t.digest = m.digest)
      AND NOT EXISTS (SELECT 1 FROM manifest_references r
        WHERE r.repository_id = m.repository_id AND r.digest = m.digest AND r.kind = 'manifest')
      AND NOT EXISTS (SELECT 1 FROM manifests s
        WHERE s.repository_id = m.repository_id AND s.digest = m.subject)
      AND NOT EXISTS (SELECT 1 FROM deleted_tags d WHERE d.repository_id = m.repository_id
        AND d.digest = m.digest AND d.deleted_at >= ${before.getTime()})
      AND NOT EXISTS (SELECT 1 FROM deleted_manifests d WHERE d.repository_id = m.repository_id
        AND d.digest = m.subject AND d.deleted_at >= ${before.getTime()})
      AND NOT EXISTS (SELECT 1 FROM deleted_manifest_references r
        JOIN deleted_manifests d ON d.repository_id = r.repository_id AND d.digest = r.manifest_digest
        WHERE r.repository_id = m.repository_id AND r.digest = m.digest AND d.deleted_at >= ${before.getTime()})
    LIMIT ${limit}`.execute(queries);
  return found.rows;
}
