/**
 * Repositories that were deleted: their name is free at once, all that they hold stays until the grace period of garbage is
 * over, and until then they can be brought back.
 */
import { NotFoundError } from '../../lib/errors.ts';
import type { HubDatabase } from '../db/database.ts';
import { requireFree, setPlace } from './repository-place.ts';
import type { RepositoryPath } from './repository-path.ts';

export interface DeletedRepository {
  readonly id: number;
  readonly namespace: string;
  readonly name: string;
  readonly description: string;
  readonly is_private: number;
  readonly deleted_by_name: string | null;
  readonly deleted_at: number;
}

interface DeletedListing {
  readonly namespace: string;
  /** Of those deleted earlier garbage may have been made already. */
  readonly since: Date;
  readonly limit: number;
  readonly offset: number;
}

export class DeletedRepositoryStore {
  readonly #database: HubDatabase;

  constructor(database: HubDatabase) {
    this.#database = database;
  }

  /** Nobody sees it from here on, and who has it open cannot push to it. @throws NotFoundError */
  delete(id: number, deletedBy: number | undefined): Promise<void> {
    return this.#database.transaction(async (transaction) => {
      const found = await transaction
        .selectFrom('repositories')
        .select(['namespace', 'name'])
        .where('id', '=', id)
        .where('is_pending', '=', 0)
        .executeTakeFirst();
      if (!found) throw new NotFoundError('object not found');
      const row = { repository_id: id, ...found, deleted_by: deletedBy ?? null, deleted_at: Date.now() };
      await transaction.insertInto('deleted_repositories').values(row).execute();
      // A path without a namespace is nobody's.
      await setPlace(transaction, id, { namespace: '', name: String(id) }, 1);
    });
  }

  /** The newest first. */
  async list({ namespace, since, limit, offset }: DeletedListing): Promise<{
    count: number;
    repositories: readonly DeletedRepository[];
  }> {
    const deleted = this.#database.queries
      .selectFrom('deleted_repositories as d')
      .where('d.namespace', '=', namespace)
      .where('d.deleted_at', '>=', since.getTime());
    const { count } = await deleted
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    const repositories = await deleted
      .innerJoin('repositories as r', 'r.id', 'd.repository_id')
      .leftJoin('accounts as a', 'a.id', 'd.deleted_by')
      .select([
        'r.id',
        'd.namespace',
        'd.name',
        'r.description',
        'r.is_private',
        'a.name as deleted_by_name',
        'd.deleted_at',
      ])
      .orderBy('d.deleted_at', 'desc')
      .orderBy('r.id', 'desc')
      .limit(limit)
      .offset(offset)
      .execute();
    return { count, repositories };
  }

  /** Where it was. @throws NotFoundError */
  async placeOf(id: number, since: Date): Promise<{ readonly namespace: string; readonly name: string }> {
    const found = await this.#database.queries
      .selectFrom('deleted_repositories')
      .select(['namespace', 'name'])
      .where('repository_id', '=', id)
      .where('deleted_at', '>=', since.getTime())
      .executeTakeFirst();
    if (!found) throw new NotFoundError('object not found');
    return found;
  }

  /** It is back, with all that it held, stars and collaborators too. @throws NotFoundError, ConflictError */
  restore(id: number, path: RepositoryPath): Promise<void> {
    return this.#database.transaction(async (transaction) => {
      const removed = await transaction
        .deleteFrom('deleted_repositories')
        .where('repository_id', '=', id)
        .executeTakeFirst();
      if (removed.numDeletedRows === 0n) throw new NotFoundError('object not found');
      await requireFree(transaction, path);
      await setPlace(transaction, id, path, 0);
    });
  }
}
