/**
 * Finds repositories that hold every word of a text as the beginning of one of theirs; the empty text finds all. Sections of
 * the index are read one after the other, best first, until there is enough: what a search costs depends on what it shows, not
 * on how much there is.
 */
import { type RawBuilder, sql } from 'kysely';
import { officialNamespace } from '../accounts/account-name.ts';
import type { Actor } from '../auth/policy.ts';
import {
  grantedNamespaces,
  grantedRepositories,
  type Known,
  seesPrivate,
  visibleTo,
} from '../auth/visible-to.ts';
import type { HubDatabase } from '../db/database.ts';
import { tryParseRepositoryPath } from '../repositories/repository-path.ts';
import { scopeToken } from './search-index.ts';
import { officialFrom } from './search-rank.ts';

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

type Source = (limit: number) => RawBuilder<Row>;

/** What lies beyond is neither shown nor counted. */
const maxResults = 1000;

/**
 * Which results, in which order: the one of exactly this name, official images, private ones of the actor's, then names that
 * match before descriptions that do. `count` is at most `maxResults`.
 */
export async function searchRepositories(
  database: HubDatabase,
  page: SearchPage,
): Promise<{ count: number; hits: readonly SearchHit[] }> {
  const words = wordsOf(page.text);
  if (words === undefined && page.text.trim() !== '') return { count: 0, hits: [] };
  const ranks = new Set<number>();
  for (const source of await sourcesOf(database, page, words)) {
    const wanted = maxResults - ranks.size;
    if (wanted === 0) break;
    for (const { rank } of await database.read(source(wanted))) ranks.add(rank);
  }
  const shown = [...ranks].slice(page.offset, page.offset + page.limit);
  return { count: ranks.size, hits: await hitsOf(database, page.actor, shown) };
}

async function sourcesOf(
  database: HubDatabase,
  { text, actor }: SearchPage,
  words: string | undefined,
): Promise<readonly Source[]> {
  const isOfficial = sql<boolean>`rowid >= ${officialFrom}`;
  const isPublic = sql<boolean>`rowid > 0 AND rowid < ${officialFrom}`;
  const own = seesPrivate(actor) ? await ownSources(database, actor, words) : [];
  if (words === undefined) return [inIndex(isOfficial), ...own, inIndex(isPublic)];
  const anywhere = `{namespace name description} : (${words})`;
  const inName = `{namespace name} : (${words})`;
  return [
    exactly(text, actor),
    inIndex(isOfficial, anywhere),
    ...own,
    inIndex(isPublic, inName),
    inIndex(isPublic, `(${anywhere}) NOT (${inName})`),
  ];
}

/** In the order of the index, from the best on. */
function inIndex(where: RawBuilder<boolean>, match?: string): Source {
  const matching = match === undefined ? sql`` : sql`repository_search MATCH ${match} AND`;
  return (limit) =>
    sql`SELECT rowid AS rank FROM repository_search WHERE ${matching} ${where} ORDER BY rowid DESC LIMIT ${limit}`;
}

/** The index proposes what is below a namespace of the actor's or shared with them; the policy's condition decides. */
async function ownSources(
  database: HubDatabase,
  actor: Known,
  words: string | undefined,
): Promise<readonly Source[]> {
  const named = await database.read(grantedNamespaces(actor));
  const tokens = named.map(({ namespace }) => `"${scopeToken(namespace)}"`);
  const inScope = `scope : (${tokens.join(' OR ')})`;
  const match = words === undefined ? inScope : `(${inScope}) AND {namespace name description} : (${words})`;
  const shared = sql<boolean>`rowid IN (SELECT search_rank FROM repositories
    WHERE is_private = 1 AND is_pending = 0 AND id IN (${grantedRepositories(actor)}))`;
  const decided = (candidates: RawBuilder<unknown>): Source => {
    return (limit) => sql`SELECT r.search_rank AS rank FROM (${candidates}) found
      JOIN repositories r ON r.search_rank = found.rowid
      WHERE ${visibleTo(actor, 'r')} ORDER BY found.rowid LIMIT ${limit}`;
  };
  const matching = words === undefined ? sql`` : sql`repository_search MATCH ${words} AND`;
  return [
    decided(
      sql`SELECT rowid FROM repository_search WHERE repository_search MATCH ${match} AND rowid < 0 ORDER BY rowid`,
    ),
    decided(sql`SELECT rowid FROM repository_search WHERE ${matching} ${shared}`),
  ];
}

/** `alice/app`, or `debian` for the official one. */
function exactly(text: string, actor: Actor): Source {
  const typed = text.trim().toLowerCase();
  const path = tryParseRepositoryPath(typed.includes('/') ? typed : `${officialNamespace}/${typed}`);
  return (limit) => sql`SELECT r.search_rank AS rank FROM repositories r
    WHERE r.namespace = ${path?.namespace ?? ''} AND r.name = ${path?.name ?? ''} AND r.is_pending = 0
      AND ${visibleTo(actor, 'r')} LIMIT ${limit}`;
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

/** FTS5's query language is not offered: every word is quoted. Undefined when the text holds no word. */
function wordsOf(text: string): string | undefined {
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
