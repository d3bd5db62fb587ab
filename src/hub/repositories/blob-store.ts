/**
 * Which blobs a repository holds. The bytes lie once in the content store; a repository that has no link to them does not have
 * them, whoever else does: that keeps digests from being an oracle and mounts from being a bypass.
 */
import type { Digest } from '../../oci/image/digest.ts';
import type { HubDatabase, Statement } from '../db/database.ts';
import { parseRepositoryPath, type RepositoryPath } from './repository-path.ts';
import type { RepositoryKey } from './repository-store.ts';

interface HolderRow extends RepositoryKey {
  readonly namespace: string;
  readonly name: string;
}

export class BlobStore {
  readonly #database: HubDatabase;
  readonly #size: Statement<{ size: number }>;
  readonly #holder: Statement<HolderRow>;

  constructor(database: HubDatabase) {
    this.#database = database;
    this.#size = database.prepare('SELECT size FROM repository_blobs WHERE repository_id = ? AND digest = ?');
    this.#holder = database.prepare(
      `SELECT r.id, r.is_private, r.is_pending, r.namespace, r.name
       FROM repository_blobs b JOIN repositories r ON r.id = b.repository_id
       WHERE b.digest = ? AND (r.namespace = ? OR (r.is_private = 0 AND r.is_pending = 0)) LIMIT 1`,
    );
  }

  /** The size of a blob that the repository holds; undefined where it holds none. */
  async sizeOf(repositoryId: number, digest: Digest): Promise<number | undefined> {
    return (await this.#size.get(repositoryId, digest))?.size;
  }

  /** A repository that holds the blob: one of this namespace, or a public one. Whether it may be pulled is for the policy to say. */
  async holderOf(
    digest: Digest,
    namespace: string | undefined,
  ): Promise<{ readonly path: RepositoryPath; readonly key: RepositoryKey } | undefined> {
    const row = await this.#holder.get(digest, namespace ?? '');
    return row && { path: parseRepositoryPath(row.namespace, row.name), key: row };
  }

  /** After the bytes are committed. Idempotent. Of a repository that was deleted meanwhile nothing is kept. */
  async link(repositoryId: number, digest: Digest, size: number): Promise<void> {
    await this.#database.queries
      .insertInto('repository_blobs')
      .columns(['repository_id', 'digest', 'size', 'created_at'])
      .expression((select) =>
        select
          .selectFrom('repositories')
          .select((row) => [
            'id',
            row.val(digest).as('digest'),
            row.val(size).as('size'),
            row.val(Date.now()).as('now'),
          ])
          .where('id', '=', repositoryId),
      )
      .onConflict((conflict) => conflict.columns(['repository_id', 'digest']).doNothing())
      .execute();
  }

  /** True when there was a link. The bytes stay for the garbage collector. */
  unlink(repositoryId: number, digest: Digest): Promise<boolean> {
    return this.#database.transaction(async (transaction) => {
      const removed = await transaction
        .deleteFrom('repository_blobs')
        .where('repository_id', '=', repositoryId)
        .where('digest', '=', digest)
        .executeTakeFirst();
      return removed.numDeletedRows > 0n;
    });
  }
}
