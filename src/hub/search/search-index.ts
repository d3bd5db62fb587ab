/**
 * Full text over repositories: namespace, name and description. A row here changes in the transaction that changes the
 * repository. SQLite's FTS5 now; PostgreSQL's tsvector would stand behind the same functions.
 */
import { sql } from 'kysely';
import type { Transaction } from '../db/database.ts';
import { type Ranked, rankOf } from './search-rank.ts';

interface Document extends Ranked {
  readonly name: string;
  readonly description: string;
  readonly is_pending: number;
  readonly search_rank: number | null;
}

/** After any change of what is told of the repository. A pending one is not in the index. */
export async function indexRepository(transaction: Transaction, id: number): Promise<void> {
  const found = await documentOf(transaction, id);
  if (found) await write(transaction, found);
}

/** After its stars or pulls were counted: most of the time nothing has to move. */
export async function moveInIndex(transaction: Transaction, id: number): Promise<void> {
  const found = await documentOf(transaction, id);
  if (found?.is_pending === 0 && found.search_rank !== rankOf(found)) await write(transaction, found);
}

/** One word for a namespace, whatever signs it holds. */
export function scopeToken(namespace: string): string {
  return `n${Buffer.from(namespace).toString('hex')}`;
}

function documentOf(transaction: Transaction, id: number): Promise<Document | undefined> {
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
    .where('id', '=', id)
    .executeTakeFirst();
}

async function write(transaction: Transaction, document: Document): Promise<void> {
  const { id, namespace, name, description } = document;
  if (document.search_rank !== null) {
    await sql`DELETE FROM repository_search WHERE rowid = ${document.search_rank}`.execute(transaction);
  }
  const rank = document.is_pending === 1 ? null : rankOf(document);
  await transaction.updateTable('repositories').set({ search_rank: rank }).where('id', '=', id).execute();
  if (rank === null) return;
  const scope = document.is_private === 1 ? scopeToken(namespace) : '';
  await sql`INSERT INTO repository_search (rowid, scope, namespace, name, description)
            VALUES (${rank}, ${scope}, ${namespace}, ${name}, ${description})`.execute(transaction);
}
