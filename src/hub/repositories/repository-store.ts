/** Repositories: what is told of them, and who may see them. Their contents are in manifest-store, tag-store and blob-store. */
import { type RawBuilder, sql, type SelectQueryBuilder, type UpdateObject } from 'kysely';
import type { Actor, Visibility } from '../auth/policy.ts';
import { ownPrivate, seesPrivate, visibleTo } from '../auth/visible-to.ts';
import { ConflictError, NotFoundError } from '../../lib/errors.ts';
import type { HubDatabase, KeptStatement, Queries } from '../db/database.ts';
import type { Transaction } from '../db/transaction.ts';
import type { Schema } from '../db/schema.ts';
import { requireRepositoryRoom, withinRepositoryQuota } from '../quotas/repository-quota.ts';
import { indexRepository } from '../search/search-index.ts';
import type { RepositoryPath } from './repository-path.ts';
import { dropRedirect } from './repository-place.ts';

/** The little that every request needs. */
export interface RepositoryKey {
  readonly id: number;
  readonly is_private: number;
  readonly is_pending: number;
}

export interface RepositoryDetail extends RepositoryKey {
  readonly namespace: string;
  readonly name: string;
  readonly description: string;
  readonly full_description: string;
  readonly star_count: number;
  readonly pull_count: number;
  readonly created_at: number;
  readonly updated_at: number;
  readonly last_pushed_at: number | null;
  readonly last_pulled_at: number | null;
  readonly immutable_tags: number;
  readonly immutable_rules: string;
  readonly collaborator_count: number;
  readonly storage_size: number;
}

export interface RepositoryAttributes {
  readonly description: string;
  readonly fullDescription: string;
  readonly isPrivate: boolean;
}

export interface RepositoryChanges extends Partial<RepositoryAttributes> {
  readonly immutableTags?: boolean;
  readonly immutableRules?: readonly string[];
}

type RepositoryOrder = 'name' | 'last_updated' | 'pull_count';

export interface RepositoryListing {
  readonly namespace: string;
  readonly actor: Actor;
  readonly nameContains: string;
  readonly order: RepositoryOrder;
  readonly descending: boolean;
  readonly limit: number;
  readonly offset: number;
}

const orderColumns = { name: 'name', last_updated: 'last_pushed_at', pull_count: 'pull_count' } as const;

/** What the policy is asked about: a repository still waiting for its first manifest is not there. */
export function visibilityOf(repository: RepositoryKey | undefined): Visibility {
  if (!repository || repository.is_pending) return 'absent';
  return repository.is_private ? 'private' : 'public';
}

export class RepositoryStore {
  readonly #database: HubDatabase;
  readonly #byPath: KeptStatement<RepositoryKey>;

  constructor(database: HubDatabase) {
    this.#database = database;
    this.#byPath = database.prepareKept(
      'SELECT id, is_private, is_pending FROM repositories WHERE namespace = ? AND name = ?',
    );
  }

  /** Cheap: every request asks. */
  find(path: RepositoryPath): Promise<RepositoryKey | undefined> {
    return this.#byPath.get(path.namespace, path.name);
  }

  /** Paths of what the actor may see, after `last`, in the order of namespace and name. */
  async paths(actor: Actor, last: string, limit: number): Promise<readonly string[]> {
    const slash = last.indexOf('/');
    const namespace = slash === -1 ? last : last.slice(0, slash);
    const name = slash === -1 ? '' : last.slice(slash + 1);
    const part = (where: RawBuilder<boolean>): RawBuilder<unknown> => sql`SELECT * FROM (
      SELECT r.namespace, r.name FROM repositories r
      WHERE (r.namespace, r.name) > (${namespace}, ${name}) AND r.is_pending = 0 AND ${where}
      ORDER BY r.namespace, r.name LIMIT ${limit}) AS part`;
    const open = part(sql`r.is_private = 0`);
    const all = seesPrivate(actor) ? sql`${open} UNION ALL ${part(ownPrivate(actor))}` : open;
    const rows = await this.#database.read(
      sql<{ namespace: string; name: string }>`${all} ORDER BY namespace, name LIMIT ${limit}`,
    );
    return rows.map((row) => `${row.namespace}/${row.name}`);
  }

  /** @throws NotFoundError also for a pending one. */
  async detail(path: RepositoryPath): Promise<RepositoryDetail> {
    const found = await details(this.#database.queries)
      .where('namespace', '=', path.namespace)
      .where('name', '=', path.name)
      .executeTakeFirst();
    if (!found) throw new NotFoundError('object not found');
    return found;
  }

  async list(
    listing: RepositoryListing,
  ): Promise<{ count: number; repositories: readonly RepositoryDetail[] }> {
    const base = details(this.#database.queries)
      .where('namespace', '=', listing.namespace)
      .where(visibleTo(listing.actor, 'repositories'))
      .$if(listing.nameContains !== '', (query) => query.where(contains('name', listing.nameContains)));
    const counted = await base
      .clearSelect()
      .select((select) => select.fn.countAll<number>().as('count'))
      .executeTakeFirst();
    const repositories = await base
      .orderBy(orderColumns[listing.order], (by) =>
        listing.descending ? by.desc().nullsLast() : by.asc().nullsFirst(),
      )
      .orderBy('name')
      .limit(listing.limit)
      .offset(listing.offset)
      .execute();
    return { count: counted?.count ?? 0, repositories };
  }

  /** An empty repository. One that waits for its first push takes the attributes on. @throws ConflictError, DeniedError */
  create(path: RepositoryPath, attributes: RepositoryAttributes): Promise<void> {
    return this.#database.transaction(async (transaction) => {
      const id = await insertPending(transaction, path);
      const show = transaction
        .updateTable('repositories')
        .set({ ...columnsOf(attributes), is_pending: 0, created_at: Date.now(), updated_at: Date.now() })
        .where('id', '=', id)
        .where('is_pending', '=', 1);
      const shown = await withinRepositoryQuota(transaction, path.namespace, () => show.executeTakeFirst());
      if (shown.numUpdatedRows === 0n) throw new ConflictError('a repository with this name exists already');
      await indexRepository(transaction, id);
      await dropRedirect(transaction, path);
    });
  }

  /**
   * The repository's row for a push that begins; made when absent, visible only after `publish`. One that waits for its first
   * manifest is kept for another grace period. @throws DeniedError when there may be no more repositories.
   */
  async beginPush(path: RepositoryPath): Promise<RepositoryKey> {
    const known = await this.find(path);
    if (known?.is_pending === 0) return known;
    await requireRepositoryRoom(this.#database.queries, path.namespace);
    await insertPending(this.#database.queries, path);
    const made = await this.find(path);
    if (!made) throw new ConflictError('the repository was deleted in this moment');
    return made;
  }

  /** @throws NotFoundError, and DeniedError when it may not be private too. */
  update(path: RepositoryPath, changes: RepositoryChanges): Promise<void> {
    return this.#database.transaction(async (transaction) => {
      const change = transaction
        .updateTable('repositories')
        .set({ ...columnsOf(changes), updated_at: Date.now() })
        .where('namespace', '=', path.namespace)
        .where('name', '=', path.name)
        .where('is_pending', '=', 0)
        .returning('id');
      const changed = await withinRepositoryQuota(transaction, path.namespace, () =>
        change.executeTakeFirst(),
      );
      if (!changed) throw new NotFoundError('object not found');
      await indexRepository(transaction, changed.id);
    });
  }
}

/**
 * Part of the transaction that writes a manifest: the repository becomes visible with it. True when it was pending.
 * @throws NotFoundError when it was deleted meanwhile, DeniedError when there may be no more repositories.
 */
export async function publish(transaction: Transaction, id: number, now: number): Promise<boolean> {
  const pushed = await transaction
    .updateTable('repositories')
    .set({ last_pushed_at: now, updated_at: now })
    .where('id', '=', id)
    // One that was deleted is below none.
    .where('namespace', '!=', '')
    .returning(['namespace', 'name', 'is_pending'])
    .executeTakeFirst();
  if (!pushed) throw new NotFoundError('the repository was deleted meanwhile');
  if (pushed.is_pending === 0) return false;
  const show = transaction
    .updateTable('repositories')
    .set({ is_pending: 0, created_at: now })
    .where('id', '=', id);
  await withinRepositoryQuota(transaction, pushed.namespace, () => show.execute());
  await indexRepository(transaction, id);
  await dropRedirect(transaction, pushed);
  return true;
}

async function insertPending(queries: Queries, path: RepositoryPath): Promise<number> {
  const now = Date.now();
  const find = queries
    .selectFrom('repositories')
    .select(['id', 'is_pending'])
    .where('namespace', '=', path.namespace)
    .where('name', '=', path.name);
  const found = await find.executeTakeFirst();
  // PostgreSQL would count up its ids for an insert that comes to nothing.
  if (found?.is_pending === 0) return found.id;
  await queries
    .insertInto('repositories')
    .values({
      namespace: path.namespace,
      name: path.name,
      is_private: 0,
      is_pending: 1,
      description: '',
      full_description: '',
      star_count: 0,
      pull_count: 0,
      created_at: now,
      updated_at: now,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['namespace', 'name'])
        .doUpdateSet({ updated_at: now })
        .where('repositories.is_pending', '=', 1),
    )
    .execute();
  return (await find.executeTakeFirstOrThrow()).id;
}

function details(queries: Queries): SelectQueryBuilder<Schema, 'repositories', RepositoryDetail> {
  return queries
    .selectFrom('repositories')
    .select([
      'id',
      'namespace',
      'name',
      'is_private',
      'is_pending',
      'description',
      'full_description',
      'star_count',
      'pull_count',
      'created_at',
      'updated_at',
      'last_pushed_at',
      'last_pulled_at',
      'immutable_tags',
      'immutable_rules',
    ])
    .select((select) =>
      select
        .selectFrom('collaborators')
        .whereRef('collaborators.repository_id', '=', 'repositories.id')
        .select((count) => count.fn.countAll<number>().as('count'))
        .as('collaborator_count'),
    )
    .select((select) =>
      select.fn
        .coalesce(
          select
            .selectFrom('repository_totals')
            .whereRef('repository_totals.repository_id', '=', 'repositories.id')
            .select('bytes'),
          sql<number>`0`,
        )
        .as('storage_size'),
    )
    .where('is_pending', '=', 0) as SelectQueryBuilder<Schema, 'repositories', RepositoryDetail>;
}

/** Holds the text, A to Z in either case. Its own % and _ mean nothing special. */
export function contains(
  column: 'name' | 'email' | 'accounts.name',
  text: string,
): ReturnType<typeof sql<boolean>> {
  const escaped = text.replaceAll(/[\\%_]|[A-Z]/g, (sign) =>
    /[A-Z]/.test(sign) ? sign.toLowerCase() : `\\${sign}`,
  );
  return sql<boolean>`lower(${sql.ref(column)}) LIKE ${`%${escaped}%`} ESCAPE '\\'`;
}

function columnsOf(changes: RepositoryChanges): UpdateObject<Schema, 'repositories'> {
  const { description, fullDescription, isPrivate, immutableTags, immutableRules } = changes;
  return {
    ...(immutableTags !== undefined && { immutable_tags: immutableTags ? 1 : 0 }),
    ...(immutableRules !== undefined && { immutable_rules: JSON.stringify(immutableRules) }),
    ...(description !== undefined && { description }),
    ...(fullDescription !== undefined && { full_description: fullDescription }),
    ...(isPrivate !== undefined && { is_private: isPrivate ? 1 : 0 }),
  };
}
