/**
 * Full text over repositories: namespace, name and description. A row here changes in the transaction that changes the
 * repository. SQLite's FTS5 now; PostgreSQL's tsvector would stand behind the same functions.
 * https://www.sqlite.org/fts5.html
 */
import { sql } from 'kysely';
import type { Actor } from '../auth/policy.ts';
import { visibleTo } from '../auth/visible-to.ts';
import type { Queries, Transaction } from '../db/database.ts';

/** The document of a repository is the row of the same number. */
export const createSearchIndex: readonly string[] = [
  `CREATE VIRTUAL TABLE repository_search USING fts5 (
     namespace, name, description, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3')`,
];

export interface SearchDocument {
  readonly id: number;
  readonly namespace: string;
  readonly name: string;
  readonly description: string;
}

/** Adds or replaces. */
export async function indexRepository(transaction: Transaction, document: SearchDocument): Promise<void> {
  const { id, namespace, name, description } = document;
  await removeFromIndex(transaction, id);
  await sql`INSERT INTO repository_search (rowid, namespace, name, description)
            VALUES (${id}, ${namespace}, ${name}, ${description})`.execute(transaction);
}

export async function removeFromIndex(transaction: Transaction, id: number): Promise<void> {
  await sql`DELETE FROM repository_search WHERE rowid = ${id}`.execute(transaction);
}

export interface SearchHit {
  readonly namespace: string;
  readonly name: string;
  readonly description: string;
  readonly star_count: number;
  readonly pull_count: number;
  readonly is_private: number;
  readonly last_pushed_at: number | null;
}

export interface SearchPage {
  readonly text: string;
  readonly actor: Actor;
  readonly limit: number;
  readonly offset: number;
}

/**
 * Repositories that hold every word of the text as the beginning of one of theirs; the empty text finds all.
 * Official ones first, then exact names, then the best match, stars, pulls.
 */
export async function searchRepositories(
  queries: Queries,
  page: SearchPage,
): Promise<{ count: number; hits: readonly SearchHit[] }> {
  const match = matchExpression(page.text);
  if (match === undefined && page.text.trim() !== '') return { count: 0, hits: [] };
  const matching =
    match === undefined
      ? sql`repositories r`
      : sql`(SELECT rowid AS found, bm25(repository_search, 2.0, 8.0, 1.0) AS rank FROM repository_search
             WHERE repository_search MATCH ${match}) JOIN repositories r ON r.id = found`;
  const visible = sql`r.is_pending = 0 AND ${visibleTo(page.actor, 'r')}`;
  const exact = page.text
    .trim()
    .toLowerCase()
    .replace(/^library\//, '');
  const rank = match === undefined ? sql`r.star_count DESC` : sql`rank`;
  const hits = await sql<SearchHit>`
    SELECT r.namespace, r.name, r.description, r.star_count, r.pull_count, r.is_private, r.last_pushed_at
    FROM ${matching} WHERE ${visible}
    ORDER BY CASE WHEN r.namespace = 'library' AND r.name = ${exact} THEN 0
                  WHEN r.namespace || '/' || r.name = ${exact} THEN 1
                  WHEN r.namespace = 'library' THEN 2
                  WHEN r.name = ${exact} THEN 3 ELSE 4 END,
             ${rank}, r.star_count DESC, r.pull_count DESC, r.namespace, r.name
    LIMIT ${page.limit} OFFSET ${page.offset}`.execute(queries);
  const counted = await sql<{ count: number }>`
    SELECT count(*) AS count FROM ${matching} WHERE ${visible}`.execute(queries);
  return { count: counted.rows[0]?.count ?? 0, hits: hits.rows };
}

/** FTS5's query language is not offered: every word is quoted. Undefined when the text holds no word. */
function matchExpression(text: string): string | undefined {
  const words = text
    .slice(0, 200)
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu);
  if (!words) return undefined;
  return words
    .slice(0, 10)
    .map((word) => `"${word}"*`)
    .join(' AND ');
}
