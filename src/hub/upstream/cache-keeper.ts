/** Keeps the cache of upstream registries as small as it has to be: what was unused for longest goes first. Also what is taken out of it. */
import { sql } from 'kysely';
import { parseDigest } from '../../oci/image/digest.ts';
import type { Transaction } from '../db/transaction.ts';
import { type CollectParts, removeBlobs } from '../registry/collect-garbage.ts';
import type { CachedLink, CachedName } from './cache-store.ts';

export interface Removed {
  readonly manifests: number;
  readonly blobs: number;
  /** Of both. */
  readonly bytes: number;
}

interface Entry {
  readonly kind: 'blob' | 'manifest';
  /** Of the manifest; 0 for a blob, which is nobody's. */
  readonly repository_id: number;
  readonly digest: string;
  readonly size: number;
}

/** In milliseconds: what was used within stays, since somebody may be in the middle of pulling it. */
const settled = 5 * 60_000;
const batchSize = 100;
/** In milliseconds: tags that somebody only asked about, long ago. */
const oldTag = 30 * 86_400_000;

export class CacheKeeper {
  readonly #parts: CollectParts;

  constructor(parts: CollectParts) {
    this.#parts = parts;
  }

  /** Bytes of all that the cache holds. */
  async size(): Promise<number> {
    const [row] = await this.#parts.database.read(sql<{ size: number }>`
      SELECT CAST(coalesce((SELECT sum(size) FROM cached_blobs), 0)
        + coalesce((SELECT sum(size) FROM cached_manifests), 0) AS BIGINT) AS size`);
    return row?.size ?? 0;
  }

  /**
   * Removes what was unused for longest until no more than `maxSize` bytes are left.
   * @param before only what was not used since.
   */
  async shrink(maxSize: number, before = new Date(Date.now() - settled)): Promise<Removed> {
    let size = await this.size();
    const removed = { manifests: 0, blobs: 0, bytes: 0 };
    while (size > maxSize) {
      const oldest = await this.#oldest(before);
      if (oldest.length === 0) break;
      for (const entry of oldest) {
        if (size <= maxSize) break;
        await this.#remove(entry, before);
        size -= entry.size;
        removed.bytes += entry.size;
        if (entry.kind === 'blob') removed.blobs += 1;
        else removed.manifests += 1;
      }
      await Bun.sleep(0);
    }
    await this.#tidy();
    return removed;
  }

  /**
   * Everything of a repository, or one tag of it: upstream is asked for it again. False when it is not in the cache.
   * @param also in the same transaction, where it is.
   */
  async forget(name: CachedName, tag: string | undefined, also: () => Promise<void>): Promise<boolean> {
    const found = await this.#parts.database.transaction(async (transaction) => {
      const gone = await forgetRows(transaction, name, tag);
      if (gone) await also();
      return gone;
    });
    for (const { digest, size } of found ?? [])
      await this.#remove({ kind: 'blob', repository_id: 0, digest, size }, new Date());
    return found !== undefined;
  }

  #oldest(before: Date): Promise<readonly Entry[]> {
    const since = before.getTime();
    return this.#parts.database.read(sql<Entry>`
      SELECT * FROM (SELECT * FROM (
          SELECT 'blob' AS kind, 0 AS repository_id, digest, size, used_at FROM cached_blobs
            WHERE used_at < ${since} ORDER BY used_at LIMIT ${batchSize}) AS blobs
        UNION ALL SELECT * FROM (
          SELECT 'manifest' AS kind, repository_id, digest, size, used_at FROM cached_manifests
            WHERE used_at < ${since} ORDER BY used_at LIMIT ${batchSize}) AS manifests) AS entries
      ORDER BY used_at LIMIT ${batchSize}`);
  }

  /** First the row, then the bytes: a crash in between leaves them to the collector of garbage. */
  async #remove({ kind, repository_id, digest }: Entry, before: Date): Promise<void> {
    const { database } = this.#parts;
    if (kind === 'manifest') {
      await database.transaction((transaction) => removeManifest(transaction, repository_id, digest));
      return;
    }
    await database.queries.deleteFrom('cached_blobs').where('digest', '=', digest).execute();
    await removeBlobs(this.#parts, [parseDigest(digest)], before);
  }

  /** What leads nowhere any more. */
  async #tidy(): Promise<void> {
    await this.#parts.database.transaction(async (transaction) => {
      await sql`DELETE FROM cached_links WHERE manifest_digest = ''
        AND NOT EXISTS (SELECT 1 FROM cached_blobs b WHERE b.digest = cached_links.digest)`.execute(
        transaction,
      );
      await sql`DELETE FROM cached_tags WHERE checked_at < ${Date.now() - oldTag}
        AND NOT EXISTS (SELECT 1 FROM cached_manifests m
          WHERE m.repository_id = cached_tags.repository_id AND m.digest = cached_tags.digest)`.execute(
        transaction,
      );
      await sql`DELETE FROM cached_repositories WHERE
        NOT EXISTS (SELECT 1 FROM cached_manifests m WHERE m.repository_id = cached_repositories.id)
        AND NOT EXISTS (SELECT 1 FROM cached_tags t WHERE t.repository_id = cached_repositories.id)
        AND NOT EXISTS (SELECT 1 FROM cached_links l WHERE l.repository_id = cached_repositories.id)`.execute(
        transaction,
      );
    });
  }
}

/** With the tags that name it: they would lead to nothing when upstream is away. */
async function removeManifest(transaction: Transaction, repositoryId: number, digest: string): Promise<void> {
  for (const table of ['cached_manifests', 'cached_tags'] as const) {
    await transaction
      .deleteFrom(table)
      .where('repository_id', '=', repositoryId)
      .where('digest', '=', digest)
      .execute();
  }
  await transaction
    .deleteFrom('cached_links')
    .where('repository_id', '=', repositoryId)
    .where('manifest_digest', '=', digest)
    .execute();
}

/** The blobs that nobody else of the cache has; undefined where there is nothing of that name. */
async function forgetRows(
  transaction: Transaction,
  { registry, path }: CachedName,
  tag: string | undefined,
): Promise<readonly CachedLink[] | undefined> {
  const row = await transaction
    .selectFrom('cached_repositories')
    .select('id')
    .where('registry', '=', registry)
    .where('path', '=', path)
    .executeTakeFirst();
  if (!row) return undefined;
  if (tag !== undefined) {
    const gone = await transaction
      .deleteFrom('cached_tags')
      .where('repository_id', '=', row.id)
      .where('name', '=', tag)
      .executeTakeFirst();
    return gone.numDeletedRows > 0n ? [] : undefined;
  }
  const blobs = await transaction
    .selectFrom('cached_blobs')
    .select(['digest', 'size'])
    .where('digest', 'in', (select) =>
      select.selectFrom('cached_links').select('digest').where('repository_id', '=', row.id),
    )
    .where('digest', 'not in', (select) =>
      select.selectFrom('cached_links').select('digest').where('repository_id', '!=', row.id),
    )
    .execute();
  await transaction.deleteFrom('cached_repositories').where('id', '=', row.id).execute();
  return blobs.map(({ digest, size }) => ({ digest: parseDigest(digest), size }));
}
