/**
 * Finds repositories that hold every word of a text as the beginning of one of theirs; the empty text finds all. Parts of the
 * index are read one after the other, best first, until there is enough: what a search costs depends on what it shows, not on
 * how much there is.
 */
import { type RawBuilder, sql } from 'kysely';
import { officialNamespace } from '../accounts/account-name.ts';
import type { Actor } from '../auth/policy.ts';
import {
  grantedNamespaces,
  grantedRepositories,
  type Known,
  ownPrivate,
  seesPrivate,
  visibleTo,
} from '../auth/visible-to.ts';
import type { HubDatabase } from '../db/database.ts';
import { tryParseRepositoryPath } from '../repositories/repository-path.ts';
import { officialFrom } from './search-rank.ts';
import { scoped, wordsOfQuery } from './search-words.ts';

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

interface Row {
  readonly rank: number;
}

/** What lies beyond is neither shown nor counted. */
const maxResults = 1000;
const most = sql`LIMIT ${maxResults}`;

/**
 * Which results, in which order: the one of exactly this name, official images, private ones of the actor's, then names that
 * match before descriptions that do. `count` is at most `maxResults`.
 */
export async function searchRepositories(
  database: HubDatabase,
  { text, actor, limit, offset }: SearchPage,
): Promise<{ count: number; hits: readonly SearchHit[] }> {
  const words = wordsOfQuery(text);
  if (words.length === 0 && text.trim() !== '') return { count: 0, hits: [] };
  const ranks = new Set<number>();
  const parts = words.length === 0 ? everything(actor) : await matching(database, actor, text, words);
  for (const part of parts) {
    if (ranks.size >= maxResults) break;
    for (const { rank } of await database.read(part)) ranks.add(rank);
  }
  const found = [...ranks].slice(0, maxResults);
  return { count: found.length, hits: await hitsOf(database, actor, found.slice(offset, offset + limit)) };
}

function everything(actor: Actor): readonly RawBuilder<Row>[] {
  const from = (where: RawBuilder<boolean>): RawBuilder<Row> => sql`SELECT r.search_rank AS rank
    FROM repositories r WHERE ${where} ORDER BY r.search_rank DESC ${most}`;
  const open = sql<boolean>`r.is_private = 0 AND r.is_pending = 0`;
  return [
    from(sql`${open} AND r.search_rank >= ${officialFrom}`),
    ...(seesPrivate(actor) ? [from(sql`r.is_pending = 0 AND ${ownPrivate(actor)}`)] : []),
    from(open),
  ];
}

async function matching(
  database: HubDatabase,
  actor: Actor,
  text: string,
  words: readonly string[],
): Promise<readonly RawBuilder<Row>[]> {
  const match = words.map((word) => beginning(word)).join(' AND ');
  const from = (table: 'search_names' | 'search_texts', least: number): RawBuilder<Row> =>
    sql`SELECT rowid AS rank FROM ${sql.table(table)} WHERE ${sql.ref(table)} MATCH ${match} AND rowid >= ${least}
      ORDER BY rowid DESC ${most}`;
  return [
    exactly(text, actor),
    from('search_texts', officialFrom),
    ...(seesPrivate(actor) ? [await matchingPrivate(database, actor, words)] : []),
    from('search_names', 0),
    from('search_texts', 0),
  ];
}

/** The index proposes what is below a namespace of the actor's or shared with them; the policy's condition decides. */
async function matchingPrivate(
  database: HubDatabase,
  actor: Known,
  words: readonly string[],
): Promise<RawBuilder<Row>> {
  const namespaces = await database.read(sql<{ namespace: string }>`${grantedNamespaces(actor)}
    UNION SELECT namespace FROM repositories
      WHERE is_private = 1 AND is_pending = 0 AND id IN (${grantedRepositories(actor)})`);
  const match = namespaces
    .map(({ namespace }) => words.map((word) => beginning(scoped(namespace, word))).join(' AND '))
    .join(') OR (');
  return sql`SELECT r.search_rank AS rank FROM search_private JOIN repositories r ON r.search_rank = search_private.rowid
    WHERE search_private MATCH ${`(${match})`} AND ${visibleTo(actor, 'r')}
    ORDER BY search_private.rowid DESC ${most}`;
}

/** `alice/app`, or `debian` for the official one. */
function exactly(text: string, actor: Actor): RawBuilder<Row> {
  const typed = text.trim().toLowerCase();
  const path = tryParseRepositoryPath(typed.includes('/') ? typed : `${officialNamespace}/${typed}`);
  return sql`SELECT r.search_rank AS rank FROM repositories r
    WHERE r.namespace = ${path?.namespace ?? ''} AND r.name = ${path?.name ?? ''} AND r.is_pending = 0
      AND ${visibleTo(actor, 'r')}`;
}

/** FTS5's query language is not offered: every word is quoted. */
function beginning(word: string): string {
  return `"${word}"*`;
}

async function hitsOf(
  database: HubDatabase,
  actor: Actor,
  ranks: readonly number[],
): Promise<readonly SearchHit[]> {
  if (ranks.length === 0) return [];
  const rows = await database.read(sql<SearchHit & Row>`
    SELECT r.search_rank AS rank, r.namespace, r.name, r.description, r.star_count, r.pull_count, r.is_private,
      r.last_pushed_at
    FROM repositories r WHERE r.search_rank IN (${sql.join(ranks)}) AND ${visibleTo(actor, 'r')}`);
  const byRank = new Map(rows.map((row) => [row.rank, row]));
  return ranks.map((rank) => byRank.get(rank)).filter((hit) => hit !== undefined);
}
