/**
 * Searches that leave something out, or are in another order. Of what matches only so many are looked at, the best first, or the
 * first in the order that is asked for: what a search costs is bounded, however much there is.
 */
import { type RawBuilder, sql } from 'kysely';
import { officialNamespace } from '../accounts/account-name.ts';
import type { Actor } from '../auth/policy.ts';
import { grantedNamespaces, ownPrivate, seesPrivate, visibleTo } from '../auth/visible-to.ts';
import type { HubDatabase } from '../db/database.ts';
import { lastOfficial } from './search-rank.ts';
import { wordsOf } from './search-words.ts';

type SearchOrder = 'best' | 'updated' | 'stars' | 'name';

export interface SearchFilter {
  readonly order: SearchOrder;
  readonly isOfficial: boolean;
  /** Below the actor's own namespace, or one of an organization that they edit. */
  readonly isMine: boolean;
  readonly leastStars: number;
  /** Pushed at or after this moment. */
  readonly pushedSince: number | undefined;
  /** '' for any. */
  readonly architecture: string;
}

/** Looked at. */
export const maxCandidates = 1000;

interface Candidate {
  readonly rank: number;
  readonly namespace: string;
  readonly name: string;
  readonly description: string;
  readonly star_count: number;
  readonly last_pushed_at: number | null;
}

export function leavesAllAsItIs(filter: SearchFilter): boolean {
  const { order, isOfficial, isMine, leastStars, pushedSince, architecture } = filter;
  return (
    order === 'best' &&
    !isOfficial &&
    !isMine &&
    leastStars === 0 &&
    pushedSince === undefined &&
    !architecture
  );
}

/** Of these the ones that the filter lets through, in its order. @param ranks best first. */
export async function filterRanks(
  database: HubDatabase,
  actor: Actor,
  ranks: readonly number[],
  filter: SearchFilter,
): Promise<readonly number[]> {
  const found = await database.read(sql<Candidate>`
    SELECT r.search_rank AS rank, r.namespace, r.name, r.star_count, r.last_pushed_at
    FROM repositories r WHERE r.search_rank IN (${database.words.numbers(ranks)})
      AND ${passes(filter)} AND ${visibleTo(actor, 'r')}`);
  const places = new Map(ranks.map((rank, place) => [rank, place]));
  const place = ({ rank }: Candidate): number => places.get(rank) ?? ranks.length;
  const compare = comparisons[filter.order];
  return found.toSorted((a, b) => compare(a, b) || place(a) - place(b)).map(({ rank }) => rank);
}

/** Where nobody typed words: the first ones in the order that is asked for, of what the actor may see. */
export async function firstRanks(
  database: HubDatabase,
  actor: Actor,
  filter: SearchFilter,
): Promise<readonly number[]> {
  const ranks: number[] = [];
  const own = seesPrivate(actor) ? [sql<boolean>`r.is_pending = 0 AND ${ownPrivate(actor)}`] : [];
  for (const where of [sql<boolean>`r.is_private = 0 AND r.is_pending = 0`, ...own]) {
    const rows = await database.read(sql<Candidate>`
      SELECT r.search_rank AS rank FROM repositories r WHERE ${where} AND ${narrowed(filter)}
      ORDER BY ${drivingOrder(filter)} LIMIT ${maxCandidates}`);
    ranks.push(...rows.map(({ rank }) => rank));
  }
  return ranks;
}

/** The actor's own that hold every word as the beginning of one of theirs, the best first. */
export async function mineMatching(
  database: HubDatabase,
  actor: Actor,
  words: readonly string[],
): Promise<readonly number[]> {
  if (actor.kind !== 'account') return [];
  const rows = await database.read(sql<Candidate>`
    SELECT r.search_rank AS rank, r.namespace, r.name, r.description FROM repositories r
    WHERE r.namespace IN (${grantedNamespaces(actor)}) AND r.is_pending = 0 AND ${visibleTo(actor, 'r')}
    ORDER BY r.search_rank LIMIT ${maxCandidates}`);
  const matches = ({ namespace, name, description }: Candidate): boolean => {
    const held = wordsOf(`${namespace} ${name} ${description}`);
    return words.every((word) => held.some((each) => each.startsWith(word)));
  };
  return rows.filter(matches).map(({ rank }) => rank);
}

function passes({ isOfficial, leastStars, pushedSince, architecture }: SearchFilter): RawBuilder<boolean> {
  const conditions = [
    sql`r.star_count >= ${leastStars}`,
    ...(isOfficial ? [sql`r.namespace = ${officialNamespace}`] : []),
    ...(pushedSince === undefined ? [] : [sql`r.last_pushed_at >= ${pushedSince}`]),
    ...(architecture === ''
      ? []
      : [
          sql`EXISTS (SELECT 1 FROM manifests m WHERE m.repository_id = r.id AND m.architecture = ${architecture})`,
        ]),
  ];
  return sql<boolean>`${sql.join(conditions, sql` AND `)}`;
}

/** What an index is read by: it leaves little else to look at. */
function narrowed({ isOfficial, leastStars, pushedSince, order }: SearchFilter): RawBuilder<boolean> {
  if (isOfficial) return sql`r.search_rank <= ${lastOfficial}`;
  if (leastStars > 0) return sql`r.star_count > 0 AND r.star_count >= ${leastStars}`;
  if (pushedSince !== undefined || order === 'updated')
    return sql`r.last_pushed_at IS NOT NULL AND r.last_pushed_at >= ${pushedSince ?? 0}`;
  return sql`1 = 1`;
}

/** The order of that index. Without stars the best come after those that have some, and are among the best by pulls. */
function drivingOrder({ isOfficial, leastStars, pushedSince, order }: SearchFilter): RawBuilder<unknown> {
  if (isOfficial) return sql`r.search_rank`;
  if (leastStars > 0) return sql`r.star_count DESC`;
  if (pushedSince !== undefined || order === 'updated') return sql`r.last_pushed_at DESC`;
  return order === 'name' ? sql`r.namespace, r.name` : sql`r.search_rank`;
}

/** Names as people see them: official ones without their namespace. */
const comparisons: Readonly<Record<SearchOrder, (a: Candidate, b: Candidate) => number>> = {
  best: () => 0,
  updated: (a, b) => (b.last_pushed_at ?? 0) - (a.last_pushed_at ?? 0),
  stars: (a, b) => b.star_count - a.star_count,
  name: (a, b) => (seenName(a) < seenName(b) ? -1 : 1),
};

function seenName({ namespace, name }: Candidate): string {
  return namespace === officialNamespace ? name : `${namespace}/${name}`;
}
