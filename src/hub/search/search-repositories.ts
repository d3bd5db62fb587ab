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
import {
  filterRanks,
  firstRanks,
  leavesAllAsItIs,
  maxCandidates,
  mineMatching,
  type SearchFilter,
} from './search-filter.ts';
import { lastOfficial } from './search-rank.ts';
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
  readonly filter?: SearchFilter;
  readonly limit: number;
  readonly offset: number;
}

interface Row {
  readonly rank: number;
}

/** Some rows of the index: the column of their rank, and what follows FROM. */
interface Part {
  readonly rank: RawBuilder<number>;
  readonly rows: RawBuilder<unknown>;
}

interface Sources {
  /** Of exactly the name that was typed. */
  readonly exact?: Part;
  /** All that match and everybody may see, official ones first. */
  readonly open: Part;
  /** Private ones that match and the actor may see. */
  readonly own?: Part;
  /** Those of `open` whose names match. */
  readonly named?: Part;
}

/** What lies beyond is neither shown nor counted. */
const maxResults = 1000;
/** A list that ends within these needs no counting. */
const leastRead = 100;

/**
 * Which results, in which order: the one of exactly this name, official images, private ones of the actor's, then names that
 * match before descriptions that do. `count` is at most `maxResults`.
 */
export async function searchRepositories(
  database: HubDatabase,
  { text, actor, limit, offset, filter }: SearchPage,
): Promise<{ count: number; hits: readonly SearchHit[] }> {
  const words = wordsOfQuery(text);
  if (words.length === 0 && text.trim() !== '') return { count: 0, hits: [] };
  const end = Math.min(offset + limit, maxResults);
  if (filter && !leavesAllAsItIs(filter)) {
    const all = await filtered(database, { text, actor, words, filter });
    const hits = await hitsOf(database, actor, all.slice(offset, end));
    return { count: Math.min(all.length, maxResults), hits };
  }
  const sources = words.length === 0 ? everything(actor) : await matching(database, actor, text, words);
  const size = Math.max(end, leastRead);
  const { ranks, open, own } = await rankedOf(database, sources, size);
  const openCount = open < size ? open : await countOf(database, sources.open);
  const ownCount = own < size ? own : await countOf(database, sources.own);
  return {
    count: Math.min(openCount + ownCount, maxResults),
    hits: await hitsOf(database, actor, ranks.slice(offset, end)),
  };
}

interface FilteredSearch {
  readonly text: string;
  readonly actor: Actor;
  readonly words: readonly string[];
  readonly filter: SearchFilter;
}

async function filtered(
  database: HubDatabase,
  { text, actor, words, filter }: FilteredSearch,
): Promise<readonly number[]> {
  const candidates = async (): Promise<readonly number[]> => {
    if (filter.isMine) return await mineMatching(database, actor, words);
    if (words.length === 0) return await firstRanks(database, actor, filter);
    return (await rankedOf(database, await matching(database, actor, text, words), maxCandidates)).ranks;
  };
  return await filterRanks(database, actor, await candidates(), filter);
}

/** The best of each source, in the order of results; `open` and `own` are how many there were of these, at most `size`. */
async function rankedOf(
  database: HubDatabase,
  sources: Sources,
  size: number,
): Promise<{ readonly ranks: readonly number[]; readonly open: number; readonly own: number }> {
  const best = (part: Part | undefined): Promise<readonly number[]> => bestOf(database, part, size);
  const open = await best(sources.open);
  const own = await best(sources.own);
  const named = open.length > 1 ? await best(sources.named) : [];
  const official = open.filter((rank) => rank <= lastOfficial);
  const ranks = new Set([...(await best(sources.exact)), ...official, ...own, ...named, ...open]);
  return { ranks: [...ranks], open: open.length, own: own.length };
}

async function bestOf(
  database: HubDatabase,
  part: Part | undefined,
  limit: number,
): Promise<readonly number[]> {
  if (!part) return [];
  const best = sql<Row>`SELECT ${part.rank} AS rank FROM ${part.rows} ORDER BY ${part.rank} LIMIT ${limit}`;
  return (await database.read(best)).map(({ rank }) => rank);
}

async function countOf(database: HubDatabase, part: Part | undefined): Promise<number> {
  if (!part) return 0;
  const some = sql<{
    count: number;
  }>`SELECT count(*) AS count FROM (SELECT 1 FROM ${part.rows} LIMIT ${maxResults}) AS found`;
  return (await database.read(some))[0]?.count ?? 0;
}

function everything(actor: Actor): Sources {
  return {
    open: repositories(sql`r.is_private = 0 AND r.is_pending = 0`),
    ...(seesPrivate(actor) && { own: repositories(sql`r.is_pending = 0 AND ${ownPrivate(actor)}`) }),
  };
}

async function matching(
  database: HubDatabase,
  actor: Actor,
  text: string,
  words: readonly string[],
): Promise<Sources> {
  const from = (table: 'search_names' | 'search_texts'): Part => ({
    rank: sql`rowid`,
    rows: sql`${sql.table(table)} WHERE ${database.words.matches(table, [words])}`,
  });
  return {
    exact: exactly(text, actor),
    open: from('search_texts'),
    ...(seesPrivate(actor) && { own: await matchingPrivate(database, actor, words) }),
    named: from('search_names'),
  };
}

/** The index proposes what is below a namespace of the actor's or shared with them; the policy's condition decides. */
async function matchingPrivate(database: HubDatabase, actor: Known, words: readonly string[]): Promise<Part> {
  const namespaces = await database.read(sql<{ namespace: string }>`${grantedNamespaces(actor)}
    UNION SELECT namespace FROM repositories
      WHERE is_private = 1 AND is_pending = 0 AND id IN (${grantedRepositories(actor)})`);
  const choices = namespaces.map(({ namespace }) => words.map((word) => scoped(namespace, word)));
  return {
    rank: sql`search_private.rowid`,
    rows: sql`search_private JOIN repositories r ON r.search_rank = search_private.rowid
      WHERE ${database.words.matches('search_private', choices)} AND ${visibleTo(actor, 'r')}`,
  };
}

/** `alice/app`, or `debian` for the official one. */
function exactly(text: string, actor: Actor): Part {
  const typed = text.trim().toLowerCase();
  const path = tryParseRepositoryPath(typed.includes('/') ? typed : `${officialNamespace}/${typed}`);
  return repositories(sql`r.namespace = ${path?.namespace ?? ''} AND r.name = ${path?.name ?? ''}
    AND r.is_pending = 0 AND ${visibleTo(actor, 'r')}`);
}

function repositories(where: RawBuilder<boolean>): Part {
  return { rank: sql`r.search_rank`, rows: sql`repositories r WHERE ${where}` };
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
