/** Tags: names of manifests within a repository, with who moved them last and when. */
import { type RawBuilder, sql } from 'kysely';
import type { Digest } from '../../oci/image/digest.ts';
import type { HubDatabase, Statement } from '../db/database.ts';
import type { Transaction } from '../db/transaction.ts';
import { keepTag } from './deleted-tag-store.ts';
import { immutableAmong, requireDeletable, requireMovable } from './immutable-tags.ts';
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

/** A tag as somebody has read it. */
export interface SeenTag {
  readonly name: string;
  readonly pushed_at: number;
  readonly last_pulled_at: number | null;
}

interface RefusedTag {
  readonly name: string;
  readonly reason: 'immutable' | 'missing';
}

export interface DeletedTags {
  readonly deleted: string[];
  readonly refused: RefusedTag[];
}

/** In one transaction: others wait for it. */
export const deletedAtOnce = 20;

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

  /** Takes as long for a page of few tags as of many; only a part of the name is looked for in all of them. */
  async list(
    repositoryId: number,
    listing: TagListing,
  ): Promise<{ count: number; tags: readonly TagDetail[] }> {
    const { nameContains, descending, limit, offset } = listing;
    const matching =
      nameContains === ''
        ? sql`repository_id = ${repositoryId}`
        : sql`repository_id = ${repositoryId} AND ${contains('name', nameContains)}`;
    const counted = await this.#database.read(
      nameContains === ''
        ? sql<{ count: number }>`SELECT tags AS count FROM repository_totals WHERE ${matching}`
        : sql<{ count: number }>`SELECT count(*) AS count FROM tags WHERE ${matching}`,
    );
    const order = orderOf(listing.order, descending);
    // Names first: one index has them in order.
    const tags = await this.#database.read(sql<TagDetail>`
      WITH found AS MATERIALIZED (
        SELECT name, pushed_at FROM tags WHERE ${matching} ORDER BY ${order} LIMIT ${limit} OFFSET ${offset})
      SELECT t.name, t.digest, a.name AS pushed_by_name, t.pushed_at, t.last_pulled_at, ${pullCount('t')} AS pull_count
      FROM found JOIN tags t ON t.repository_id = ${repositoryId} AND t.name = found.name
        LEFT JOIN accounts a ON a.id = t.pushed_by
      ORDER BY ${orderOf(listing.order, descending, 'found')}`);
    return { count: counted[0]?.count ?? 0, tags };
  }

  /** False when there was no such tag. What it named stays. @throws DeniedError when it is immutable. */
  delete(repositoryId: number, name: string, deletedBy: number): Promise<boolean> {
    return this.#database.transaction(async (transaction) => {
      if (!(await hasTag(transaction, repositoryId, name))) return false;
      await requireDeletable(transaction, repositoryId, name);
      await remove(transaction, repositoryId, name, deletedBy);
      return true;
    });
  }

  /** As many of them as can be, in one transaction: at most `deletedAtOnce`. What they named stays. */
  deleteMany(repositoryId: number, names: readonly string[], deletedBy: number): Promise<DeletedTags> {
    return this.#database.transaction(async (transaction) => {
      const deleted: string[] = [];
      const refused: RefusedTag[] = [];
      const immutable = await immutableAmong(transaction, repositoryId, names);
      for (const name of names) {
        if (!(await hasTag(transaction, repositoryId, name))) refused.push({ name, reason: 'missing' });
        else if (immutable.has(name)) refused.push({ name, reason: 'immutable' });
        else {
          await remove(transaction, repositoryId, name, deletedBy);
          deleted.push(name);
        }
      }
      return { deleted, refused };
    });
  }

  /**
   * Those of them that are still what they were when they were seen, and not immutable, in one transaction: at most `deletedAtOnce`.
   * What they named stays. @param deletedBy undefined: the clock. @returns the names of those that are gone.
   */
  deleteSeen(
    repositoryId: number,
    seen: readonly SeenTag[],
    deletedBy: number | undefined,
  ): Promise<readonly string[]> {
    return this.#database.transaction(async (transaction) => {
      const deleted: string[] = [];
      const names = seen.map(({ name }) => name);
      const immutable = await immutableAmong(transaction, repositoryId, names);
      const rows = await transaction
        .selectFrom('tags')
        .select(['name', 'pushed_at', 'last_pulled_at'])
        .where('repository_id', '=', repositoryId)
        .where('name', 'in', names)
        .execute();
      for (const tag of seen) {
        const row = rows.find(({ name }) => name === tag.name);
        const isSame = row?.pushed_at === tag.pushed_at && row.last_pulled_at === tag.last_pulled_at;
        if (!isSame || immutable.has(tag.name)) continue;
        await remove(transaction, repositoryId, tag.name, deletedBy);
        deleted.push(tag.name);
      }
      return deleted;
    });
  }

  /** Those that the repository's rules keep where they are, there or not. */
  immutable(repositoryId: number, names: readonly string[]): Promise<ReadonlySet<string>> {
    return immutableAmong(this.#database.queries, repositoryId, names);
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
function pullCount(table: 'tags' | 't'): ReturnType<typeof sql<number>> {
  return sql<number>`(SELECT coalesce(sum(p.pulls), 0) FROM tag_pulls p
    WHERE p.repository_id = ${sql.ref(`${table}.repository_id`)} AND p.tag = ${sql.ref(`${table}.name`)})`;
}

/** Names break ties, in the same direction. @param table the name of what has the columns, where there are several. */
function orderOf(order: TagListing['order'], descending: boolean, table?: 'found'): RawBuilder<unknown> {
  const direction = sql.raw(descending ? 'DESC' : 'ASC');
  const column = (name: string): RawBuilder<unknown> =>
    sql`${sql.ref(table ? `${table}.${name}` : name)} ${direction}`;
  return order === 'name' ? column('name') : sql`${column('pushed_at')}, ${column('name')}`;
}

async function remove(
  transaction: Transaction,
  repositoryId: number,
  name: string,
  deletedBy: number | undefined,
): Promise<void> {
  await keepTag(transaction, repositoryId, name, deletedBy);
  await transaction
    .deleteFrom('tags')
    .where('repository_id', '=', repositoryId)
    .where('name', '=', name)
    .execute();
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

/**
 * Makes the tag name the manifest. False when the same account had made it so before. Part of the transaction that writes the
 * manifest. @throws DeniedError when it is immutable.
 */
export async function moveTag(transaction: Transaction, move: TagMove): Promise<boolean> {
  await requireMovable(transaction, move.repositoryId, move.name, move.digest);
  const before = await transaction
    .selectFrom('tags')
    .select(['digest', 'pushed_by'])
    .where('repository_id', '=', move.repositoryId)
    .where('name', '=', move.name)
    .executeTakeFirst();
  const place = { digest: move.digest, pushed_by: move.pushedBy ?? null, pushed_at: move.pushedAt };
  await transaction
    .insertInto('tags')
    .values({ repository_id: move.repositoryId, name: move.name, ...place })
    .onConflict((conflict) => conflict.columns(['repository_id', 'name']).doUpdateSet(place))
    .execute();
  return before?.digest !== place.digest || before.pushed_by !== place.pushed_by;
}
