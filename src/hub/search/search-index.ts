/**
 * Full text over repositories: namespace, name and description. A row here changes in the transaction that changes the
 * repository. What the tables are made of is db/words.ts's: FTS5 in SQLite, tsvector in PostgreSQL.
 */
import { sql } from 'kysely';
import type { Transaction } from '../db/transaction.ts';
import type { SearchTable } from '../db/words.ts';
import { type Ranked, rankOf } from './search-rank.ts';
import { scoped, wordsOf } from './search-words.ts';

export interface SearchDocument {
  readonly namespace: string;
  readonly name: string;
  readonly description: string;
  readonly is_private: number;
}

interface Row extends SearchDocument, Ranked {
  readonly is_pending: number;
  readonly search_rank: number | null;
}

const tables: readonly SearchTable[] = ['search_names', 'search_texts', 'search_private'];

/** After any change of what is told of the repository. A pending one is not in the index. */
export async function indexRepository(transaction: Transaction, id: number): Promise<void> {
  const [row] = await find(transaction, [id]);
  if (row) await write(transaction, row);
}

/** After its stars or pulls were counted: most of the time nothing has to move. */
export async function moveInIndex(transaction: Transaction, ids: readonly number[]): Promise<void> {
  for (const row of await find(transaction, ids)) {
    if (row.is_pending === 0 && row.search_rank !== rankOf(row)) await write(transaction, row);
  }
}

/** Those that an older version of the hub has made. */
export async function indexMissing(transaction: Transaction): Promise<void> {
  const missing = await transaction
    .selectFrom('repositories')
    .select('id')
    .where('is_pending', '=', 0)
    .where('search_rank', 'is', null)
    .execute();
  for (const { id } of missing) await indexRepository(transaction, id);
}

/** What stands in which table. */
export function wordsIn({
  namespace,
  name,
  description,
  is_private,
}: SearchDocument): readonly (readonly [SearchTable, string])[] {
  const names = wordsOf(`${namespace} ${name}`);
  const texts = [...names, ...wordsOf(description)];
  if (is_private === 1) {
    return [['search_private', texts.map((word) => scoped(namespace, word)).join(' ')]];
  }
  return [
    ['search_names', names.join(' ')],
    ['search_texts', texts.join(' ')],
  ];
}

function find(transaction: Transaction, ids: readonly number[]): Promise<readonly Row[]> {
  return transaction
    .selectFrom('repositories')
    .select([
      'id',
      'namespace',
      'name',
      'description',
      'is_private',
      'is_pending',
      'star_count',
      'pull_count',
      'search_rank',
    ])
    .where('id', 'in', ids)
    .execute();
}

async function write(transaction: Transaction, row: Row): Promise<void> {
  if (row.search_rank !== null) {
    for (const table of tables) {
      await sql`DELETE FROM ${sql.table(table)} WHERE rowid = ${row.search_rank}`.execute(transaction);
    }
  }
  const rank = row.is_pending === 1 ? null : rankOf(row);
  await transaction.updateTable('repositories').set({ search_rank: rank }).where('id', '=', row.id).execute();
  if (rank === null) return;
  for (const [table, words] of wordsIn(row)) {
    await sql`INSERT INTO ${sql.table(table)} (rowid, words) VALUES (${rank}, ${words})`.execute(transaction);
  }
}
