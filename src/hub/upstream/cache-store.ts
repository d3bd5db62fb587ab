/** What was taken from upstream registries: which manifests and tags of which repositories, and which blobs. */
import { sql } from 'kysely';
import type { Digest } from '../../oci/image/digest.ts';
import type { HubDatabase, KeptStatement, Queries } from '../db/database.ts';
import type { Transaction } from '../db/transaction.ts';
import type { StoredManifest } from '../repositories/manifest-store.ts';

/** A repository as its registry has it. */
export interface CachedName {
  readonly registry: string;
  readonly path: string;
}

export interface CachedTag {
  readonly digest: Digest;
  readonly media_type: string;
  readonly size: number;
  /** Milliseconds since 1970: when upstream was last asked. */
  readonly checked_at: number;
}

export interface CachedLink {
  readonly digest: Digest;
  readonly size: number;
}

export interface NewCachedManifest extends StoredManifest {
  readonly links: readonly CachedLink[];
}

/** Databases bound the number of values in one statement. */
const chunkSize = 200;

export class CacheStore {
  readonly #database: HubDatabase;
  readonly #id: KeptStatement<{ id: number }>;
  readonly #tag: KeptStatement<CachedTag>;
  readonly #manifest: KeptStatement<StoredManifest>;
  readonly #link: KeptStatement<{ size: number; is_here: number }>;

  constructor(database: HubDatabase) {
    this.#database = database;
    this.#id = database.prepareKept('SELECT id FROM cached_repositories WHERE registry = ? AND path = ?');
    this.#tag = database.prepareKept(
      'SELECT digest, media_type, size, checked_at FROM cached_tags WHERE repository_id = ? AND name = ?',
    );
    this.#manifest = database.prepareKept(
      'SELECT digest, media_type, bytes FROM cached_manifests WHERE repository_id = ? AND digest = ?',
      ({ bytes }) => bytes.byteLength,
    );
    this.#link = database.prepareKept(
      `SELECT l.size, EXISTS (SELECT 1 FROM cached_blobs b WHERE b.digest = l.digest AND b.size = l.size) AS is_here
       FROM cached_links l WHERE l.repository_id = ? AND l.digest = ? LIMIT 1`,
    );
  }

  async tag(name: CachedName, tag: string): Promise<CachedTag | undefined> {
    const id = await this.#idOf(name);
    return id === undefined ? undefined : this.#tag.get(id, tag);
  }

  async manifest(name: CachedName, digest: Digest): Promise<StoredManifest | undefined> {
    const id = await this.#idOf(name);
    return id === undefined ? undefined : this.#manifest.get(id, digest);
  }

  /** A blob that the repository has upstream, and whether its bytes are here; undefined where nothing is known of it. */
  async link(name: CachedName, digest: Digest): Promise<{ size: number; isHere: boolean } | undefined> {
    const id = await this.#idOf(name);
    const found = id === undefined ? undefined : await this.#link.get(id, digest);
    return found && { size: found.size, isHere: found.is_here === 1 };
  }

  /** Names in byte order, after `last`. */
  async tagNames(name: CachedName, last: string, limit: number): Promise<readonly string[]> {
    const id = await this.#idOf(name);
    if (id === undefined) return [];
    const rows = await this.#database.queries
      .selectFrom('cached_tags')
      .select('name')
      .where('repository_id', '=', id)
      .where('name', '>', last)
      .orderBy('name')
      .limit(limit)
      .execute();
    return rows.map((row) => row.name);
  }

  /** Idempotent. @param tag that names it now. */
  saveManifest(name: CachedName, manifest: NewCachedManifest, tag?: string): Promise<void> {
    const { digest, media_type, bytes, links } = manifest;
    const size = bytes.byteLength;
    return this.#database.exclusively(async (transaction) => {
      const repository_id = await insertRepository(transaction, name);
      await transaction
        .insertInto('cached_manifests')
        .values({ repository_id, digest, media_type, size, bytes, used_at: Date.now() })
        .onConflict((conflict) => conflict.columns(['repository_id', 'digest']).doNothing())
        .execute();
      const rows = links.map((link) => ({ ...link, repository_id, manifest_digest: digest as string }));
      for (let at = 0; at < rows.length; at += chunkSize)
        await insertLinks(transaction, rows.slice(at, at + chunkSize));
      if (tag !== undefined) await insertTag(transaction, repository_id, tag, { digest, media_type, size });
    });
  }

  /** What the tag names was looked at in this moment. */
  saveTag(name: CachedName, tag: string, found: Omit<CachedTag, 'checked_at'>): Promise<void> {
    return this.#database.exclusively(async (transaction) => {
      await insertTag(transaction, await insertRepository(transaction, name), tag, found);
    });
  }

  /** Upstream has no such tag any more. */
  async removeTag(name: CachedName, tag: string): Promise<void> {
    const id = await this.#idOf(name);
    if (id === undefined) return;
    await this.#database.queries
      .deleteFrom('cached_tags')
      .where('repository_id', '=', id)
      .where('name', '=', tag)
      .execute();
  }

  async #idOf({ registry, path }: CachedName): Promise<number | undefined> {
    return (await this.#id.get(registry, path))?.id;
  }
}

/** The cache holds the blob, and the repository has it. Idempotent. Part of what runs while its bytes are there for certain. */
export async function holdBlob(
  transaction: Transaction,
  name: CachedName,
  { digest, size }: CachedLink,
): Promise<void> {
  const used_at = Date.now();
  await transaction
    .insertInto('cached_blobs')
    .values({ digest, size, used_at })
    .onConflict((conflict) => conflict.column('digest').doUpdateSet({ used_at }))
    .execute();
  const repository_id = await insertRepository(transaction, name);
  await insertLinks(transaction, [{ repository_id, manifest_digest: '', digest, size }]);
}

async function insertRepository(transaction: Transaction, { registry, path }: CachedName): Promise<number> {
  const find = transaction
    .selectFrom('cached_repositories')
    .select('id')
    .where('registry', '=', registry)
    .where('path', '=', path);
  const found = await find.executeTakeFirst();
  if (found) return found.id;
  const made = await transaction
    .insertInto('cached_repositories')
    .values({ registry, path })
    .onConflict((conflict) => conflict.columns(['registry', 'path']).doUpdateSet({ path }))
    .returning('id')
    .executeTakeFirstOrThrow();
  return made.id;
}

async function insertLinks(
  queries: Queries,
  rows: readonly (CachedLink & { readonly repository_id: number; readonly manifest_digest: string })[],
): Promise<void> {
  if (rows.length === 0) return;
  await queries
    .insertInto('cached_links')
    .values([...rows])
    .onConflict((conflict) => conflict.columns(['repository_id', 'digest', 'manifest_digest']).doNothing())
    .execute();
}

async function insertTag(
  transaction: Transaction,
  repository_id: number,
  name: string,
  { digest, media_type, size }: Omit<CachedTag, 'checked_at'>,
): Promise<void> {
  const found = { digest, media_type, size, checked_at: Date.now() };
  await transaction
    .insertInto('cached_tags')
    .values({ repository_id, name, ...found })
    .onConflict((conflict) => conflict.columns(['repository_id', 'name']).doUpdateSet(found))
    .execute();
}

/** Blobs and manifests that were used: those used now are the last to go. @param at milliseconds since 1970. */
export async function markUsed(
  transaction: Transaction,
  { blobs, manifests }: { readonly blobs: readonly string[]; readonly manifests: readonly string[] },
  at: number,
): Promise<void> {
  const mark = async (table: 'cached_blobs' | 'cached_manifests', digests: readonly string[]) => {
    for (let begin = 0; begin < digests.length; begin += chunkSize) {
      const some = sql.join(digests.slice(begin, begin + chunkSize));
      await sql`UPDATE ${sql.table(table)} SET used_at = ${at} WHERE digest IN (${some})`.execute(
        transaction,
      );
    }
  };
  await mark('cached_blobs', blobs);
  await mark('cached_manifests', manifests);
}
