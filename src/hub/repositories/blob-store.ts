/**
 * Which blobs a repository holds. The bytes lie once in the content store; a repository that has no link to them does not have
 * them, whoever else does: that keeps digests from being an oracle and mounts from being a bypass.
 */
import type { Digest } from '../../oci/image/digest.ts';
import type { HubDatabase, KeptStatement, Queries, Statement } from '../db/database.ts';
import type { Transaction } from '../db/transaction.ts';
import { withinQuota } from '../quotas/within-quota.ts';
import { requireUnneeded } from './immutable-tags.ts';
import { parseRepositoryPath, type RepositoryPath } from './repository-path.ts';

/** In milliseconds: several questions in a row are one use, since each use is a write. */
const keepAgainAfter = 1000;

export class BlobStore {
  readonly #database: HubDatabase;
  readonly #size: KeptStatement<{ size: number }>;
  readonly #use: KeptStatement<{ size: number; unused_since: number; is_used: number }>;
  readonly #holder: Statement<{ namespace: string; name: string }>;

  constructor(database: HubDatabase) {
    this.#database = database;
    this.#size = database.prepareKept(
      'SELECT size FROM repository_blobs WHERE repository_id = ? AND digest = ?',
    );
    this.#use = database.prepareKept(
      `SELECT b.size, b.unused_since, EXISTS (SELECT 1 FROM manifest_references r
         WHERE r.repository_id = b.repository_id AND r.digest = b.digest AND r.kind = 'blob') AS is_used
       FROM repository_blobs b WHERE b.repository_id = ? AND b.digest = ?`,
    );
    this.#holder = database.prepare(
      `SELECT r.namespace, r.name FROM repository_blobs b JOIN repositories r ON r.id = b.repository_id
       WHERE b.digest = ? AND (r.namespace = ? OR (r.is_private = 0 AND r.is_pending = 0)) LIMIT 1`,
    );
  }

  /** The size of a blob that the repository holds; undefined where it holds none. */
  async sizeOf(repositoryId: number, digest: Digest): Promise<number | undefined> {
    return (await this.#size.get(repositoryId, digest))?.size;
  }

  /** A repository that holds the blob: one of this namespace, or a public one. Whether it may be pulled is for the policy to say. */
  async holderOf(digest: Digest, namespace: string | undefined): Promise<RepositoryPath | undefined> {
    const row = await this.#holder.get(digest, namespace ?? '');
    return row && parseRepositoryPath(row.namespace, row.name);
  }

  /**
   * The size of a blob that somebody asked about and may now rely on, as in a push that leaves out what is there already.
   * A blob that no manifest needs (yet) is kept for another grace period.
   */
  async keep(repositoryId: number, digest: Digest): Promise<number | undefined> {
    const found = await this.#use.get(repositoryId, digest);
    const now = Date.now();
    if (!found || found.is_used !== 0 || found.unused_since > now - keepAgainAfter) return found?.size;
    const kept = await this.#database.queries
      .updateTable('repository_blobs')
      .set({ unused_since: now })
      .where('repository_id', '=', repositoryId)
      .where('digest', '=', digest)
      .executeTakeFirst();
    // None: it was collected in between.
    return kept.numUpdatedRows > 0n ? found.size : undefined;
  }

  /**
   * True when there was a link. The bytes stay for the garbage collector.
   * @throws DeniedError when an immutable tag needs it.
   */
  unlink(repositoryId: number, digest: Digest): Promise<boolean> {
    return this.#database.transaction(async (transaction) => {
      await requireUnneeded(transaction, repositoryId, digest);
      const removed = await transaction
        .deleteFrom('repository_blobs')
        .where('repository_id', '=', repositoryId)
        .where('digest', '=', digest)
        .executeTakeFirst();
      return removed.numDeletedRows > 0n;
    });
  }
}

/**
 * The repository holds the blob, from now on. Idempotent. Of a repository that was deleted meanwhile nothing is kept. Part of
 * what runs exclusively with a look at the bytes, so that no link is ever without them.
 * @throws DeniedError when the namespace's quota has no room for it.
 */
export async function insertLink(
  queries: Queries,
  repositoryId: number,
  digest: Digest,
  size: number,
): Promise<void> {
  const now = Date.now();
  const link = queries
    .insertInto('repository_blobs')
    .columns(['repository_id', 'digest', 'size', 'created_at', 'unused_since'])
    .expression((select) =>
      select
        .selectFrom('repositories')
        .select((row) => [
          'id',
          row.val(digest).as('digest'),
          row.val(size).as('size'),
          row.val(now).as('created_at'),
          row.val(now).as('unused_since'),
        ])
        .where('id', '=', repositoryId),
    )
    .onConflict((conflict) =>
      conflict.columns(['repository_id', 'digest']).doUpdateSet({ unused_since: now }),
    );
  await withinQuota(queries, { repositoryId }, () => link.execute());
}

/** The grace period of what this manifest needs begins: part of the transaction that removes the manifest. */
export async function releaseBlobs(
  transaction: Transaction,
  repositoryId: number,
  manifest: Digest,
): Promise<void> {
  await transaction
    .updateTable('repository_blobs')
    .set({ unused_since: Date.now() })
    .where('repository_id', '=', repositoryId)
    .where('digest', 'in', (select) =>
      select
        .selectFrom('manifest_references')
        .select('digest')
        .where('repository_id', '=', repositoryId)
        .where('manifest_digest', '=', manifest)
        .where('kind', '=', 'blob'),
    )
    .execute();
}
