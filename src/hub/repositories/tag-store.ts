/** Tags: names of manifests within a repository, with who moved them last and when. */
import type { Digest } from '../../oci/image/digest.ts';
import type { HubDatabase, Statement, Transaction } from '../db/database.ts';
import { contains } from './repository-store.ts';

export interface TagDetail {
  readonly name: string;
  readonly digest: Digest;
  readonly pushed_by_name: string | null;
  readonly pushed_at: number;
  readonly last_pulled_at: number | null;
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
      ])
      .orderBy(
        listing.order === 'name' ? 'found.name' : 'found.pushed_at',
        listing.descending ? 'desc' : 'asc',
      )
      .orderBy('found.name')
      .execute();
    return { count: counted?.count ?? 0, tags: rows as TagDetail[] };
  }

  /** False when there was no such tag. What it named stays. */
  delete(repositoryId: number, name: string): Promise<boolean> {
    return this.#database.transaction(async (transaction) => {
      const removed = await transaction
        .deleteFrom('tags')
        .where('repository_id', '=', repositoryId)
        .where('name', '=', name)
        .executeTakeFirst();
      return removed.numDeletedRows > 0n;
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
      ])
      .where('repository_id', '=', repositoryId);
  }
}

/** Makes the tag name the manifest. Part of the transaction that writes the manifest. */
export async function moveTag(transaction: Transaction, move: TagMove): Promise<void> {
  const place = { digest: move.digest, pushed_by: move.pushedBy ?? null, pushed_at: move.pushedAt };
  await transaction
    .insertInto('tags')
    .values({ repository_id: move.repositoryId, name: move.name, ...place })
    .onConflict((conflict) => conflict.columns(['repository_id', 'name']).doUpdateSet(place))
    .execute();
}
