/** How often and when images were pulled: in all, by day and by tag. Days are UTC's, and counted from 1970. */
import { type RawBuilder, sql } from 'kysely';
import { maxDays } from '../../hub-api/schemas/pulls.ts';
import type { Digest } from '../../oci/image/digest.ts';
import type { HubDatabase } from '../db/database.ts';
import type { Transaction } from '../db/transaction.ts';
import { moveInIndex } from '../search/search-index.ts';

/** Fetches of one manifest, by one name, since they were written last. */
export interface Pulled {
  readonly repositoryId: number;
  readonly digest: Digest;
  /** By which it was asked for; by its digest it counts for every tag that names it, since nobody can tell which was meant. */
  readonly tag: string | undefined;
  /** An index only tells where its images are: pulling one counts the image, not twice. */
  readonly isImage: boolean;
  readonly count: number;
}

export interface DayCount {
  readonly day: number;
  readonly pulls: number;
}

export interface TagCount {
  readonly name: string;
  readonly pulls: number;
}

const dayLength = 86_400_000;
const maxTags = 100;
/** The day in which all older ones are counted. */
const beforeAll = 0;

export function dayOf(time: number): number {
  return Math.floor(time / dayLength);
}

/** `2026-11-25` */
export function dateOf(day: number): string {
  return new Date(day * dayLength).toISOString().slice(0, 10);
}

export class PullStore {
  readonly #database: HubDatabase;

  constructor(database: HubDatabase) {
    this.#database = database;
  }

  /** Pulls of each day from `since` on, the oldest first; days without any are left out. */
  byDay(repositoryId: number, since: number): Promise<readonly DayCount[]> {
    return this.#database.read(sql<DayCount>`SELECT day, pulls FROM repository_pulls
      WHERE repository_id = ${repositoryId} AND day >= ${since} ORDER BY day`);
  }

  /** The tags that were pulled most from `since` on. */
  byTag(repositoryId: number, since: number): Promise<readonly TagCount[]> {
    return this.#database.read(sql<TagCount>`SELECT tag AS name, sum(pulls) AS pulls FROM tag_pulls
      WHERE repository_id = ${repositoryId} AND day >= ${since}
      GROUP BY tag ORDER BY sum(pulls) DESC, tag LIMIT ${maxTags}`);
  }
}

/**
 * Days that nobody can ask for any more become one, so that rows do not grow without end; each tag's sum stays as it is. Of
 * repositories by id, those after the first, up to the second.
 */
export async function foldOldDays(
  transaction: Transaction,
  { after, upTo }: { readonly after: number; readonly upTo: number },
  now: number,
): Promise<void> {
  const old = sql`repository_id > ${after} AND repository_id <= ${upTo}
    AND day > ${beforeAll} AND day <= ${dayOf(now) - maxDays}`;
  await sql`INSERT INTO tag_pulls (repository_id, tag, day, pulls)
    SELECT repository_id, tag, CAST(${beforeAll} AS INTEGER), sum(pulls) FROM tag_pulls WHERE ${old} GROUP BY repository_id, tag
    ON CONFLICT (repository_id, tag, day) DO UPDATE SET pulls = tag_pulls.pulls + excluded.pulls`.execute(
    transaction,
  );
  await sql`DELETE FROM tag_pulls WHERE ${old}`.execute(transaction);
  await sql`DELETE FROM repository_pulls WHERE ${old}`.execute(transaction);
}

/**
 * Adds them up, with one statement for each table however many they are: on PostgreSQL nobody else writes meanwhile, and each
 * statement is a way there and back. What is gone meanwhile is left out.
 */
export async function addPulls(transaction: Transaction, all: readonly Pulled[], now: number): Promise<void> {
  const pulled = sql`pulled (repository_id, digest, tag, pulls, images) AS (VALUES ${sql.join(all.map(rowOf))})`;
  const images = sql`${pulled}, counted AS (SELECT repository_id, CAST(sum(images) AS BIGINT) AS images
    FROM pulled GROUP BY repository_id HAVING sum(images) > 0)`;
  await sql`WITH ${images} UPDATE repositories SET pull_count = pull_count + counted.images, last_pulled_at = ${now}
    FROM counted WHERE repositories.id = counted.repository_id`.execute(transaction);
  await sql`WITH ${images} INSERT INTO repository_pulls (repository_id, day, pulls)
    SELECT id, CAST(${dayOf(now)} AS BIGINT), images FROM counted JOIN repositories ON id = repository_id WHERE true
    ON CONFLICT (repository_id, day) DO UPDATE SET pulls = repository_pulls.pulls + excluded.pulls`.execute(
    transaction,
  );
  await moveInIndex(
    transaction,
    all.filter(({ isImage }) => isImage).map(({ repositoryId }) => repositoryId),
  );
  await addToNames(transaction, pulled, now);
}

/** As the CTE above has it. PostgreSQL has to be told the types. */
function rowOf({ repositoryId, digest, tag, count, isImage }: Pulled): RawBuilder<unknown> {
  return sql`(CAST(${repositoryId} AS BIGINT), CAST(${digest} AS TEXT), CAST(${tag ?? null} AS TEXT), CAST(${count} AS BIGINT),
    CAST(${isImage ? count : 0} AS BIGINT))`;
}

/** Two of them may be one manifest, or one tag. */
async function addToNames(transaction: Transaction, pulled: RawBuilder<unknown>, now: number): Promise<void> {
  const isNamed = sql`tags.repository_id = pulled.repository_id AND tags.digest = pulled.digest
    AND (pulled.tag IS NULL OR tags.name = pulled.tag)`;
  await sql`WITH ${pulled} INSERT INTO manifest_pulls (repository_id, digest, last_pulled_at)
    SELECT DISTINCT repository_id, digest, CAST(${now} AS BIGINT)
      FROM pulled JOIN manifests USING (repository_id, digest) WHERE true
    ON CONFLICT (repository_id, digest) DO UPDATE SET last_pulled_at = excluded.last_pulled_at`.execute(
    transaction,
  );
  await sql`WITH ${pulled} UPDATE tags SET last_pulled_at = ${now} FROM pulled WHERE ${isNamed}`.execute(
    transaction,
  );
  await sql`WITH ${pulled} INSERT INTO tag_pulls (repository_id, tag, day, pulls)
    SELECT tags.repository_id, tags.name, CAST(${dayOf(now)} AS BIGINT), sum(pulled.pulls)
      FROM pulled JOIN tags ON ${isNamed} GROUP BY tags.repository_id, tags.name
    ON CONFLICT (repository_id, tag, day) DO UPDATE SET pulls = tag_pulls.pulls + excluded.pulls`.execute(
    transaction,
  );
}
