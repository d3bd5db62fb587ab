/** What is in the cache, for who looks after the hub: repositories by name, and the tags of one. */
import { type RawBuilder, sql } from 'kysely';
import type { HubDatabase } from '../db/database.ts';
import type { CachedName } from './cache-store.ts';

export interface CachedRepository extends CachedName {
  readonly tags: number;
  readonly manifests: number;
  /** Of its manifests and of the blobs that are here. Those that several repositories have count in each. */
  readonly bytes: number;
  /** Milliseconds since 1970; null where nothing of it is here. */
  readonly used_at: number | null;
  /** When upstream was last asked about a tag of it. */
  readonly checked_at: number | null;
}

export interface ListedTag {
  readonly name: string;
  readonly digest: string;
  /** Of the image's manifest and blobs as far as they are here; 0: somebody only asked what it is. */
  readonly bytes: number;
  readonly used_at: number | null;
  readonly checked_at: number;
}

export class CacheList {
  readonly #database: HubDatabase;

  constructor(database: HubDatabase) {
    this.#database = database;
  }

  /** In the order of their names. @param after only those after this. */
  after(limit: number, after: CachedName = { registry: '', path: '' }): Promise<readonly CachedRepository[]> {
    const found = sql`(r.registry, r.path) > (${after.registry}, ${after.path})`;
    return this.#read(found, limit, 0);
  }

  /** @param text part of a name, as in `docker.io/library/debian`. */
  find(text: string, limit: number, offset: number): Promise<readonly CachedRepository[]> {
    return this.#read(named(text), limit, offset);
  }

  async count(text: string): Promise<number> {
    const [row] = await this.#database.read(
      sql<{ count: number }>`SELECT count(*) AS count FROM cached_repositories r WHERE ${named(text)}`,
    );
    return row?.count ?? 0;
  }

  async countTags({ registry, path }: CachedName): Promise<number> {
    const [row] = await this.#database.read(sql<{ count: number }>`
      SELECT count(*) AS count FROM cached_tags t JOIN cached_repositories r ON r.id = t.repository_id
      WHERE r.registry = ${registry} AND r.path = ${path}`);
    return row?.count ?? 0;
  }

  /** By name. */
  tags({ registry, path }: CachedName, limit: number, offset: number): Promise<readonly ListedTag[]> {
    return this.#database.read(sql<ListedTag>`
      SELECT t.name, t.digest, t.checked_at,
        (SELECT m.used_at FROM cached_manifests m
          WHERE m.repository_id = t.repository_id AND m.digest = t.digest) AS used_at,
        CAST(coalesce((SELECT m.size FROM cached_manifests m
            WHERE m.repository_id = t.repository_id AND m.digest = t.digest), 0)
          + coalesce((SELECT sum(b.size) FROM cached_blobs b WHERE b.digest IN (
              SELECT l.digest FROM cached_links l
              WHERE l.repository_id = t.repository_id AND l.manifest_digest = t.digest)), 0) AS BIGINT) AS bytes
      FROM cached_tags t JOIN cached_repositories r ON r.id = t.repository_id
      WHERE r.registry = ${registry} AND r.path = ${path}
      ORDER BY t.name LIMIT ${limit} OFFSET ${offset}`);
  }

  #read(where: RawBuilder<unknown>, limit: number, offset: number): Promise<readonly CachedRepository[]> {
    return this.#database.read(sql<CachedRepository>`
      SELECT r.registry, r.path,
        (SELECT count(*) FROM cached_tags t WHERE t.repository_id = r.id) AS tags,
        (SELECT count(*) FROM cached_manifests m WHERE m.repository_id = r.id) AS manifests,
        CAST(coalesce((SELECT sum(m.size) FROM cached_manifests m WHERE m.repository_id = r.id), 0)
          + coalesce((SELECT sum(b.size) FROM cached_blobs b WHERE b.digest IN (
              SELECT l.digest FROM cached_links l WHERE l.repository_id = r.id)), 0) AS BIGINT) AS bytes,
        (SELECT max(m.used_at) FROM cached_manifests m WHERE m.repository_id = r.id) AS used_at,
        (SELECT max(t.checked_at) FROM cached_tags t WHERE t.repository_id = r.id) AS checked_at
      FROM cached_repositories r WHERE ${where}
      ORDER BY r.registry, r.path LIMIT ${limit} OFFSET ${offset}`);
  }
}

/** Names of images are in lower case. Its own % and _ mean nothing special. */
function named(text: string): RawBuilder<unknown> {
  const escaped = text.toLowerCase().replaceAll(/[\\%_]/g, String.raw`\$&`);
  return sql`(r.registry || '/' || r.path) LIKE ${`%${escaped}%`} ESCAPE '\\'`;
}
