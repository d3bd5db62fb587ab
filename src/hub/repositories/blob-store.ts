/**
 * Which blobs a repository holds. The bytes lie once in the content store; a repository that has no link to them does not have
 * them, whoever else does: that keeps digests from being an oracle and mounts from being a bypass.
 */
import type { Digest } from '../../oci/image/digest.ts';
import type { HubDatabase, Statement } from '../db/database.ts';

export class BlobStore {
  readonly #database: HubDatabase;
  readonly #size: Statement<{ size: number }>;

  constructor(database: HubDatabase) {
    this.#database = database;
    this.#size = database.prepare('SELECT size FROM repository_blobs WHERE repository_id = ? AND digest = ?');
  }

  /** The size of a blob that the repository holds; undefined where it holds none. */
  async sizeOf(repositoryId: number, digest: Digest): Promise<number | undefined> {
    return (await this.#size.get(repositoryId, digest))?.size;
  }

  /** After the bytes are committed. Idempotent. */
  async link(repositoryId: number, digest: Digest, size: number): Promise<void> {
    await this.#database.queries
      .insertInto('repository_blobs')
      .values({ repository_id: repositoryId, digest, size, created_at: Date.now() })
      .onConflict((conflict) => conflict.columns(['repository_id', 'digest']).doNothing())
      .execute();
  }

  /** True when there was a link. The bytes stay for the garbage collector. */
  async unlink(repositoryId: number, digest: Digest): Promise<boolean> {
    const removed = await this.#database.queries
      .deleteFrom('repository_blobs')
      .where('repository_id', '=', repositoryId)
      .where('digest', '=', digest)
      .executeTakeFirst();
    return removed.numDeletedRows > 0n;
  }
}
