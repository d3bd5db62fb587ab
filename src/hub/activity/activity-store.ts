/** What happened to repositories: the newest thousand of each are kept. */
import { sql } from 'kysely';
import type { Actor } from '../auth/policy.ts';
import { visibleTo } from '../auth/visible-to.ts';
import type { HubDatabase } from '../db/database.ts';
import type { Transaction } from '../db/transaction.ts';
import { tryParseRepositoryPath } from '../repositories/repository-path.ts';
import type { ActivityKind, NewActivity } from './activity-of-event.ts';

/** Of one repository. */
export const maxKept = 1000;
/** Of one account's, over all repositories: further back its list does not go. */
const maxOwn = 1000;

export interface Activity {
  readonly id: number;
  readonly kind: ActivityKind;
  readonly namespace: string;
  readonly name: string;
  /** Null: the account is gone. */
  readonly account: string | null;
  readonly reference: string | null;
  readonly digest: string | null;
  readonly detail: string | null;
  readonly permission: string | null;
  readonly happened_at: number;
}

export interface ActivityListing {
  readonly limit: number;
  readonly offset: number;
}

interface Listed {
  readonly count: number;
  readonly activities: readonly Activity[];
}

const columns = sql`a.id, a.kind, r.namespace, r.name, b.name AS account, a.reference, a.digest, a.detail,
  a.permission, a.happened_at`;

export class ActivityStore {
  readonly #database: HubDatabase;

  constructor(database: HubDatabase) {
    this.#database = database;
  }

  /** Newest first. @param withRights who has which right is not everybody's to know. */
  async ofRepository(
    repositoryId: number,
    withRights: boolean,
    { limit, offset }: ActivityListing,
  ): Promise<Listed> {
    const where = sql`a.repository_id = ${repositoryId} AND (${withRights ? 1 : 0} = 1 OR a.kind <> 'right_changed')`;
    const [counted] = await this.#database.read(
      sql<{ count: number }>`SELECT count(*) AS count FROM activity a WHERE ${where}`,
    );
    const activities = await this.#database.read(sql<Activity>`SELECT ${columns} FROM activity a
      JOIN repositories r ON r.id = a.repository_id LEFT JOIN accounts b ON b.id = a.account_id
      WHERE ${where} ORDER BY a.id DESC LIMIT ${limit} OFFSET ${offset}`);
    return { count: counted?.count ?? 0, activities };
  }

  /** What an account did, newest first, in repositories that the actor may see now. */
  async byAccount(accountId: number, actor: Actor, { limit, offset }: ActivityListing): Promise<Listed> {
    const from = sql`(SELECT * FROM activity WHERE account_id = ${accountId} ORDER BY id DESC LIMIT ${maxOwn}) a
      JOIN repositories r ON r.id = a.repository_id AND r.is_pending = 0 AND ${visibleTo(actor, 'r')}`;
    const [counted] = await this.#database.read(
      sql<{ count: number }>`SELECT count(*) AS count FROM ${from}`,
    );
    const activities = await this.#database.read(sql<Activity>`SELECT ${columns} FROM ${from}
      LEFT JOIN accounts b ON b.id = a.account_id ORDER BY a.id DESC LIMIT ${limit} OFFSET ${offset}`);
    return { count: counted?.count ?? 0, activities };
  }
}

/**
 * Adds them, oldest first, and forgets the oldest of these repositories. What is of a repository that is gone is left out.
 * Many at once cost little more than one: each name is looked up once, and all rows are one statement.
 */
export async function addActivities(
  transaction: Transaction,
  all: readonly (NewActivity & { readonly at: number })[],
): Promise<void> {
  const repositories = await lookUp(all, ({ repository }) => repository, findRepository(transaction));
  const accounts = await lookUp(all, ({ account }) => account, findAccount(transaction));
  const rows = all.flatMap((each) => {
    const repositoryId = repositories.get(each.repository);
    if (repositoryId === undefined) return [];
    const { kind, reference = null, digest = null, detail = null, permission = null, at } = each;
    const accountId = accounts.get(each.account) ?? null;
    return [
      sql`(${repositoryId}, ${accountId}, ${kind}, ${reference}, ${digest}, ${detail}, ${permission}, ${at})`,
    ];
  });
  if (rows.length === 0) return;
  await sql`INSERT INTO activity
      (repository_id, account_id, kind, reference, digest, detail, permission, happened_at)
    VALUES ${sql.join(rows)}`.execute(transaction);
  for (const repositoryId of new Set(repositories.values())) {
    await sql`DELETE FROM activity WHERE repository_id = ${repositoryId} AND id <= (
      SELECT id FROM activity WHERE repository_id = ${repositoryId}
        ORDER BY id DESC LIMIT 1 OFFSET ${maxKept})`.execute(transaction);
  }
}

async function lookUp<T>(
  all: readonly T[],
  nameOf: (each: T) => string,
  find: (name: string) => Promise<number | undefined>,
): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for (const name of new Set(all.map(nameOf))) {
    const id = await find(name);
    if (id !== undefined) found.set(name, id);
  }
  return found;
}

/** By the name that it had: since then it may have been given another, or been deleted. */
function findRepository(transaction: Transaction) {
  return async (repository: string): Promise<number | undefined> => {
    const path = tryParseRepositoryPath(repository);
    const named = sql`namespace = ${path?.namespace} AND name = ${path?.name}`;
    const found = await sql<{ id: number | null }>`SELECT coalesce(
      (SELECT id FROM repositories WHERE ${named}),
      (SELECT repository_id FROM repository_redirects WHERE ${named}),
      (SELECT repository_id FROM deleted_repositories WHERE ${named}
        ORDER BY deleted_at DESC LIMIT 1)) AS id`.execute(transaction);
    return found.rows[0]?.id ?? undefined;
  };
}

function findAccount(transaction: Transaction) {
  return async (name: string): Promise<number | undefined> => {
    const found = await sql<{ id: number }>`SELECT id FROM accounts WHERE name = ${name}`.execute(
      transaction,
    );
    return found.rows[0]?.id;
  };
}
