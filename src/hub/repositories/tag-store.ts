/** Tags: names of manifests within a repository, with who moved them last and when. */
import { sql } from 'kysely';
import type { Digest } from '../../oci/image/digest.ts';
import type { HubDatabase, Statement, Transaction } from '../db/database.ts';
import { keepTag } from './deleted-tag-store.ts';
import { requireDeletable, requireMovable } from './immutable-tags.ts';
import { contains } from './repository-store.ts';

export interface TagDetail {
  readonly name: string;
  readonly digest: Digest;
  readonly pushed_by_name: string | null;
  readonly pushed_at: number;
  readonly last_pulled_at: number | null;
  readonly pull_count: number;
}

export interface TagListing {
  readonly nameContains: string;
  readonly order: 'name' | 'last_updated';
  readonly descending: boolean;
  readonly limit: number;
  readonly offset: number;
}

export interface TagMove {
  readonly repositoryId: number;
  readonly name: string;
  readonly digest: Digest;
  readonly pushedBy: number | undefined;
  readonly pushedAt: number;
}

export class TagStore {
  readonly #database: HubDatabase;
  readonly #names: Statement<{ name: string }>;

  constructor(database: HubDatabase) {
    this.#database = database;
    this.#names = database.prepare(
      'SELECT name FROM tags WHERE repository_id = ? AND name > ? ORDER BY name LIMIT ?',
    );
  }

  /** Names in byte order, after `last`. */
  async names(repositoryId: number, last: string, limit: number): Promise<readonly string[]> {
    return (await this.#names.all(repositoryId, last, limit)).map(({ name }) => name);
  }

  async find(repositoryId: number, name: string): Promise<TagDetail | undefined> {
    const found = await this.#details(repositoryId).where('tags.name', '=', name).executeTakeFirst();
    return found as TagDetail | undefined;
  }

  async list(
    repositoryId: number,
    listing: TagListing,
  ): Promise<{ count: number; tags: readonly TagDetail[] }> {
    const matching = contains('name', listing.nameContains);
    const counted = await this.#database.queries
      .selectFrom('tags')
      .where('repository_id', '=', repositoryId)
      .where(matching)
      .select((select) => select.fn.countAll<number>().as('count'))
      .executeTakeFirst();
    const rows = await this.#database.queries
      .with('found', (query) =>
        query
          .selectFrom('tags')
          .selectAll()
          .where('repository_id', '=', repositoryId)
          .where(matching)
          .orderBy(listing.order === 'name' ? 'name' : 'pushed_at', listing.descending ? 'desc' : 'asc')
          .orderBy('name')
          .limit(listing.limit)
          .offset(listing.offset),
      )
      .selectFrom('found')
      .leftJoin('accounts', 'accounts.id', 'found.pushed_by')
      .select([
        'found.name',
        'found.digest',
        'accounts.name as pushed_by_name',
        'found.pushed_at',
        'found.last_pulled_at',
        pullCount('found').as('pull_count'),
      ])
      .orderBy(
        listing.order === 'name' ? 'found.name' : 'found.pushed_at',
        listing.descending ? 'desc' : 'asc',
      )
      .orderBy('found.name')
      .execute();
    return { count: counted?.count ?? 0, tags: rows as TagDetail[] };
  }

  /** False when there was no such tag. What it named stays. @throws DeniedError when it is immutable. */
  delete(repositoryId: number, name: string, deletedBy: number): Promise<boolean> {
    return this.#database.transaction(async (transaction) => {
      if (!(await hasTag(transaction, repositoryId, name))) return false;
      await requireDeletable(transaction, repositoryId, name);
      await keepTag(transaction, repositoryId, name, deletedBy);
      await transaction
        .deleteFrom('tags')
        .where('repository_id', '=', repositoryId)
        .where('name', '=', name)
        .execute();
      return true;
    });
  }

  #details(repositoryId: number) {
    return this.#database.queries
      .selectFrom('tags')
      .leftJoin('accounts', 'accounts.id', 'tags.pushed_by')
      .select([
        'tags.name',
        'tags.digest',
        'accounts.name as pushed_by_name',
        'tags.pushed_at',
        'tags.last_pulled_at',
        pullCount('tags').as('pull_count'),
      ])
      .where('repository_id', '=', repositoryId);
  }
}

/** @param table the name that `tags` has in the query. */
function pullCount(table: 'tags' | 'found'): ReturnType<typeof sql<number>> {
  return sql<number>`(SELECT coalesce(sum(p.pulls), 0) FROM tag_pulls p
    WHERE p.repository_id = ${sql.ref(`${table}.repository_id`)} AND p.tag = ${sql.ref(`${table}.name`)})`;
}

/** Asked inside the transaction that relies on the answer. */
export async function hasTag(transaction: Transaction, repositoryId: number, name: string): Promise<boolean> {
  const found = await transaction
    .selectFrom('tags')
    .select('name')
    .where('repository_id', '=', repositoryId)
    .where('name', '=', name)
    .executeTakeFirst();
  return found !== undefined;
}

/** Makes the tag name the manifest. Part of the transaction that writes the manifest. @throws DeniedError when it is immutable. */
export async function moveTag(transaction: Transaction, move: TagMove): Promise<void> {
  await requireMovable(transaction, move.repositoryId, move.name, move.digest);
  const place = { digest: move.digest, pushed_by: move.pushedBy ?? null, pushed_at: move.pushedAt };
  await transaction
    .insertInto('tags')
    .values({ repository_id: move.repositoryId, name: move.name, ...place })
    .onConflict((conflict) => conflict.columns(['repository_id', 'name']).doUpdateSet(place))
    .execute();
}
