/** Reads the audit log: pages of it, newest first, and all that fits a filter, oldest first, a part at a time. */
import { type RawBuilder, sql } from 'kysely';
import type { HubDatabase } from '../db/database.ts';

export interface AuditEntry {
  readonly id: number;
  readonly happened_at: number;
  readonly action: string;
  readonly outcome: 'done' | 'refused';
  readonly actor: string;
  readonly token: string | null;
  readonly address: string | null;
  readonly request_id: string | null;
  readonly account: string;
  readonly name: string;
  /** JSON. */
  readonly data: string;
  readonly times: number;
}

/** Whose entries: everybody's, those of one account's log, or these and what the account did elsewhere. */
export interface AuditScope {
  readonly account?: string;
  readonly actorId?: number;
}

export interface AuditFilter {
  /** The whole of it, or a group: `repo.` */
  readonly action?: string | undefined;
  readonly name?: string | undefined;
  readonly actor?: string | undefined;
  /** The label of an access token. */
  readonly token?: string | undefined;
  /** Of the client. */
  readonly address?: string | undefined;
  readonly outcome?: AuditEntry['outcome'] | undefined;
  /** In milliseconds since 1970, the first one and the one after the last. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

const columns = sql.raw(
  'id, happened_at, action, outcome, actor, token, address, request_id, account, name, data, times',
);
const exactColumns = ['name', 'actor', 'token', 'address', 'outcome'] as const;
const partSize = 500;

export class AuditStore {
  readonly #database: HubDatabase;

  constructor(database: HubDatabase) {
    this.#database = database;
  }

  /** Newest first. */
  async page(
    scope: AuditScope,
    filter: AuditFilter,
    { limit, offset }: { readonly limit: number; readonly offset: number },
  ): Promise<readonly AuditEntry[]> {
    const parts = conditionsOf(scope).map(
      (
        condition,
      ) => sql`SELECT * FROM (SELECT ${columns} FROM audit WHERE ${condition} AND ${matching(filter)}
        ORDER BY happened_at DESC, id DESC LIMIT ${limit + offset}) AS part`,
    );
    return await this.#database.read(
      sql<AuditEntry>`${sql.join(parts, sql` UNION `)} ORDER BY happened_at DESC, id DESC
        LIMIT ${limit} OFFSET ${offset}`,
    );
  }

  /** All of it, oldest first, as long as somebody reads. */
  async *all(scope: AuditScope, filter: AuditFilter): AsyncGenerator<readonly AuditEntry[], void, undefined> {
    let after = sql`1 = 1`;
    for (;;) {
      const parts = conditionsOf(scope).map(
        (
          condition,
        ) => sql`SELECT * FROM (SELECT ${columns} FROM audit WHERE ${condition} AND ${matching(filter)}
          AND ${after} ORDER BY happened_at, id LIMIT ${partSize}) AS part`,
      );
      const entries = await this.#database.read(
        sql<AuditEntry>`${sql.join(parts, sql` UNION `)} ORDER BY happened_at, id LIMIT ${partSize}`,
      );
      const last = entries.at(-1);
      if (!last) return;
      yield entries;
      after = sql`(happened_at, id) > (${last.happened_at}, ${last.id})`;
    }
  }
}

/** Each has an index of its own, which also has the entries in order. */
function conditionsOf({ account, actorId }: AuditScope): readonly RawBuilder<unknown>[] {
  if (account === undefined) return [sql`1 = 1`];
  const own = sql`account = ${account}`;
  return actorId === undefined ? [own] : [own, sql`actor_id = ${actorId}`];
}

function matching({ action, from, to, ...exactly }: AuditFilter): RawBuilder<unknown> {
  const conditions = [
    action === undefined
      ? undefined
      : action.endsWith('.')
        ? sql`substr(action, 1, ${action.length}) = ${action}`
        : sql`action = ${action}`,
    ...exactColumns.map((column) =>
      exactly[column] === undefined ? undefined : sql`${sql.ref(column)} = ${exactly[column]}`,
    ),
    from === undefined ? undefined : sql`happened_at >= ${from}`,
    to === undefined ? undefined : sql`happened_at < ${to}`,
  ].filter((each) => each !== undefined);
  return conditions.length === 0 ? sql`1 = 1` : sql.join(conditions, sql` AND `);
}
