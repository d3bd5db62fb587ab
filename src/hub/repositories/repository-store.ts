/** Repositories: what is told of them, and who may see them. Their contents are in manifest-store, tag-store and blob-store. */
import { sql, type SelectQueryBuilder } from 'kysely';
import type { Actor, Visibility } from '../auth/policy.ts';
import { visibleTo } from '../auth/visible-to.ts';
import { ConflictError, NotFoundError } from '../../lib/errors.ts';
import type { Digest } from '../../oci/image/digest.ts';
import type { HubDatabase, Queries, Statement, Transaction } from '../db/database.ts';
import type { Schema } from '../db/schema.ts';
import { indexRepository, removeFromIndex } from '../search/search-index.ts';
import type { RepositoryPath } from './repository-path.ts';

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
  readonly storage_size: number;
}

export interface RepositoryAttributes {
  readonly description: string;
  readonly fullDescription: string;
  readonly isPrivate: boolean;
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
  readonly #byPath: Statement<RepositoryKey>;

  constructor(database: HubDatabase) {
    this.#database = database;
    this.#byPath = database.prepare(
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
    const { rows } = await sql<{ namespace: string; name: string }>`
      SELECT namespace, name FROM repositories
      WHERE (namespace, name) > (${namespace}, ${name}) AND is_pending = 0 AND ${visibleTo(actor, 'repositories')}
      ORDER BY namespace, name LIMIT ${limit}`.execute(this.#database.queries);
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
      .orderBy(orderColumns[listing.order], listing.descending ? 'desc' : 'asc')
      .orderBy('name')
      .limit(listing.limit)
      .offset(listing.offset)
      .execute();
    return { count: counted?.count ?? 0, repositories };
  }

  /** An empty repository. One that waits for its first push takes the attributes on. @throws ConflictError */
  create(path: RepositoryPath, attributes: RepositoryAttributes): Promise<void> {
    return this.#database.transaction(async (transaction) => {
      const id = await insertPending(transaction, path);
      const shown = await transaction
        .updateTable('repositories')
        .set({ ...columnsOf(attributes), is_pending: 0, created_at: Date.now(), updated_at: Date.now() })
        .where('id', '=', id)
        .where('is_pending', '=', 1)
        .executeTakeFirst();
      if (shown.numUpdatedRows === 0n) throw new ConflictError('a repository with this name exists already');
      await indexRepository(transaction, { id, ...path, description: attributes.description });
    });
  }

  /** The repository's row for a push that begins; made when absent, visible only after `publish`. */
  async beginPush(path: RepositoryPath): Promise<RepositoryKey> {
    const found = await this.find(path);
    if (found) return found;
    await this.#database.transaction((transaction) => insertPending(transaction, path));
    const made = await this.find(path);
    if (!made) throw new ConflictError('the repository was deleted in this moment');
    return made;
  }

  /** @throws NotFoundError */
  update(path: RepositoryPath, changes: Partial<RepositoryAttributes>): Promise<void> {
    return this.#database.transaction(async (transaction) => {
      const changed = await transaction
        .updateTable('repositories')
        .set({ ...columnsOf(changes), updated_at: Date.now() })
        .where('namespace', '=', path.namespace)
        .where('name', '=', path.name)
        .where('is_pending', '=', 0)
        .returning(['id', 'namespace', 'name', 'description'])
        .executeTakeFirst();
      if (!changed) throw new NotFoundError('object not found');
      await indexRepository(transaction, changed);
    });
  }

  /** Removes the repository with all its tags, manifests, links to blobs, stars and uploads. @throws NotFoundError */
  delete(path: RepositoryPath): Promise<void> {
    return this.#database.transaction(async (transaction) => {
      const removed = await transaction
        .deleteFrom('repositories')
        .where('namespace', '=', path.namespace)
        .where('name', '=', path.name)
        .returning('id')
        .executeTakeFirst();
      if (!removed) throw new NotFoundError('object not found');
      await removeFromIndex(transaction, removed.id);
    });
  }
}

/** Part of the transaction that writes a manifest: the repository becomes visible with it. True when it was pending. */
export async function publish(transaction: Transaction, id: number, now: number): Promise<boolean> {
  await transaction
    .updateTable('repositories')
    .set({ last_pushed_at: now, updated_at: now })
    .where('id', '=', id)
    .execute();
  const shown = await transaction
    .updateTable('repositories')
    .set({ is_pending: 0, created_at: now })
    .where('id', '=', id)
    .where('is_pending', '=', 1)
    .returning(['id', 'namespace', 'name', 'description'])
    .executeTakeFirst();
  if (!shown) return false;
  await indexRepository(transaction, shown);
  return true;
}

/** Fetches of one manifest since they were written last. */
export interface Pulled {
  readonly repositoryId: number;
  readonly digest: Digest;
  /** An index only tells where its images are: pulling one counts the image, not twice. */
  readonly isImage: boolean;
  readonly count: number;
}

/** Adds to the repository's count; its tags of this digest were pulled now. */
export async function addPulls(transaction: Transaction, pulled: Pulled, now: number): Promise<void> {
  await transaction
    .updateTable('tags')
    .set({ last_pulled_at: now })
    .where('repository_id', '=', pulled.repositoryId)
    .where('digest', '=', pulled.digest)
    .execute();
  if (!pulled.isImage) return;
  await transaction
    .updateTable('repositories')
    .set((set) => ({ pull_count: set('pull_count', '+', pulled.count), last_pulled_at: now }))
    .where('id', '=', pulled.repositoryId)
    .execute();
}

async function insertPending(transaction: Transaction, path: RepositoryPath): Promise<number> {
  const now = Date.now();
  await transaction
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
    .onConflict((conflict) => conflict.columns(['namespace', 'name']).doNothing())
    .execute();
  const row = await transaction
    .selectFrom('repositories')
    .select('id')
    .where('namespace', '=', path.namespace)
    .where('name', '=', path.name)
    .executeTakeFirstOrThrow();
  return row.id;
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
    ])
    .select((select) =>
      select
        .selectFrom('repository_blobs')
        .whereRef('repository_blobs.repository_id', '=', 'repositories.id')
        .select((sum) => sum.fn.coalesce(sum.fn.sum<number>('size'), sql<number>`0`).as('size'))
        .as('storage_size'),
    )
    .where('is_pending', '=', 0) as SelectQueryBuilder<Schema, 'repositories', RepositoryDetail>;
}

/** A comparison in which the text's own % and _ mean nothing special. */
export function contains(column: 'name', text: string): ReturnType<typeof sql<boolean>> {
  const escaped = text.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`);
  return sql<boolean>`${sql.ref(column)} LIKE ${`%${escaped}%`} ESCAPE '\\'`;
}

function columnsOf(attributes: Partial<RepositoryAttributes>): {
  description?: string;
  full_description?: string;
  is_private?: number;
} {
  const { description, fullDescription, isPrivate } = attributes;
  return {
    ...(description !== undefined && { description }),
    ...(fullDescription !== undefined && { full_description: fullDescription }),
    ...(isPrivate !== undefined && { is_private: isPrivate ? 1 : 0 }),
  };
}
