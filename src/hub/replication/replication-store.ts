/** The rules of replication, and how far each has come. */
import { sql } from 'kysely';
import { ConflictError, NotFoundError } from '../../lib/errors.ts';
import type { HubDatabase, Queries } from '../db/database.ts';
import type { ReplicationRule } from './rule.ts';

export type RuleSettings = Omit<ReplicationRule, 'id' | 'created_at' | 'swept_at'>;

export interface RuleStatus {
  readonly waiting: number;
  readonly failed: number;
  readonly done: number;
  readonly last_failure: string | null;
}

export interface ReplicationItem {
  readonly rule_id: number;
  readonly repository: string;
  readonly tag: string;
  readonly digest: string | null;
  readonly due_at: number | null;
  readonly attempts: number;
  readonly failure: string | null;
  readonly leased_until: number;
  readonly bytes_done: number;
  readonly bytes_total: number;
  readonly done_at: number | null;
}

export interface ItemListing {
  readonly state: 'all' | 'open' | 'failed';
  readonly limit: number;
  readonly offset: number;
}

/** For `swept_at`: everything is compared as soon as may be. Another one each time, so that a comparison under way is not taken for it. */
function atOnce(): number {
  return -Date.now();
}

export class ReplicationStore {
  readonly #database: HubDatabase;

  constructor(database: HubDatabase) {
    this.#database = database;
  }

  async list(): Promise<readonly ReplicationRule[]> {
    return this.#database.queries.selectFrom('replication_rules').selectAll().orderBy('name').execute();
  }

  /** @throws NotFoundError */
  async get(id: number): Promise<ReplicationRule> {
    const found = await this.#database.queries
      .selectFrom('replication_rules')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    if (!found) throw new NotFoundError('object not found');
    return found;
  }

  /** What is there already is copied as well. @throws ConflictError for a name that is taken. */
  create(settings: RuleSettings): Promise<ReplicationRule> {
    return this.#database.transaction(async (transaction) => {
      await requireFree(transaction, settings.name, undefined);
      return transaction
        .insertInto('replication_rules')
        .values({ ...settings, created_at: Date.now(), swept_at: atOnce() })
        .returningAll()
        .executeTakeFirstOrThrow();
    });
  }

  /** Compares everything anew. What is to go elsewhere now is forgotten where it went. @throws NotFoundError, ConflictError */
  update(id: number, changes: Partial<RuleSettings>): Promise<ReplicationRule> {
    return this.#database.transaction(async (transaction) => {
      if (changes.name !== undefined) await requireFree(transaction, changes.name, id);
      const changed = await transaction
        .updateTable('replication_rules')
        .set({ ...changes, swept_at: atOnce() })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirst();
      if (!changed) throw new NotFoundError('object not found');
      if (changes.registry !== undefined || changes.prefix !== undefined) {
        await transaction.deleteFrom('replication_items').where('rule_id', '=', id).execute();
      }
      return changed;
    });
  }

  /** What was copied stays where it is. @throws NotFoundError */
  async remove(id: number): Promise<void> {
    const removed = await this.#database.transaction((transaction) =>
      transaction.deleteFrom('replication_rules').where('id', '=', id).executeTakeFirst(),
    );
    if (removed.numDeletedRows === 0n) throw new NotFoundError('object not found');
  }

  /** Compares everything as soon as may be, and tries at once what failed. @throws NotFoundError */
  async ask(id: number): Promise<void> {
    const asked = await this.#database.transaction((transaction) =>
      transaction
        .updateTable('replication_rules')
        .set({ swept_at: atOnce() })
        .where('id', '=', id)
        .executeTakeFirst(),
    );
    if (asked.numUpdatedRows === 0n) throw new NotFoundError('object not found');
  }

  async status(id: number): Promise<RuleStatus> {
    const [found] = await this.#database.read(sql<RuleStatus>`SELECT
      count(CASE WHEN due_at IS NOT NULL THEN 1 END) AS waiting,
      count(CASE WHEN failure IS NOT NULL THEN 1 END) AS failed,
      count(CASE WHEN due_at IS NULL THEN 1 END) AS done,
      (SELECT failure FROM replication_items WHERE rule_id = ${id} AND failure IS NOT NULL
        ORDER BY due_at DESC LIMIT 1) AS last_failure
      FROM replication_items WHERE rule_id = ${id}`);
    return found ?? { waiting: 0, failed: 0, done: 0, last_failure: null };
  }

  /** What is copied now first, then what waits, then what was done last. */
  async items(
    id: number,
    { state, limit, offset }: ItemListing,
  ): Promise<{ readonly count: number; readonly items: readonly ReplicationItem[] }> {
    const which = { all: sql``, open: sql`AND due_at IS NOT NULL`, failed: sql`AND failure IS NOT NULL` }[
      state
    ];
    const [counted] = await this.#database.read(sql<{ count: number }>`SELECT count(*) AS count
      FROM replication_items WHERE rule_id = ${id} ${which}`);
    const items = await this.#database
      .read(sql<ReplicationItem>`SELECT rule_id, repository, tag, digest, due_at, attempts,
        failure, leased_until, bytes_done, bytes_total, done_at
      FROM replication_items WHERE rule_id = ${id} ${which}
      ORDER BY leased_until DESC, CASE WHEN due_at IS NULL THEN 1 ELSE 0 END, due_at, done_at DESC, repository, tag
      LIMIT ${limit} OFFSET ${offset}`);
    return { count: counted?.count ?? 0, items };
  }
}

async function requireFree(queries: Queries, name: string, except: number | undefined): Promise<void> {
  const found = await queries
    .selectFrom('replication_rules')
    .select('id')
    .where('name', '=', name)
    .executeTakeFirst();
  if (found && found.id !== except) throw new ConflictError(`there is a rule ${name} already`);
}
