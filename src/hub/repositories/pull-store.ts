/** How often and when images were pulled: in all, by day and by tag. Days are UTC's, and counted from 1970. */
import { sql } from 'kysely';
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

/** Adds them up, once for each table however many they are; what is gone meanwhile is left out. */
export async function addPulls(transaction: Transaction, all: readonly Pulled[], now: number): Promise<void> {
  const day = dayOf(now);
  for (const [repositoryId, pulled] of Map.groupBy(all, (each) => each.repositoryId)) {
    const images = pulled.reduce((sum, { isImage, count }) => sum + (isImage ? count : 0), 0);
    if (!(await addToRepository(transaction, repositoryId, images, now))) continue;
    if (images > 0) {
      await sql`INSERT INTO repository_pulls (repository_id, day, pulls) VALUES (${repositoryId}, ${day}, ${images})
        ON CONFLICT (repository_id, day) DO UPDATE SET pulls = repository_pulls.pulls + ${images}`.execute(
        transaction,
      );
      await moveInIndex(transaction, repositoryId);
    }
    for (const each of pulled) await addToNames(transaction, each, day, now);
  }
}

/** False when it is gone. */
async function addToRepository(
  transaction: Transaction,
  id: number,
  images: number,
  now: number,
): Promise<boolean> {
  const changed = await transaction
    .updateTable('repositories')
    .set((set) => ({
      pull_count: set('pull_count', '+', images),
      ...(images > 0 && { last_pulled_at: now }),
    }))
    .where('id', '=', id)
    .executeTakeFirst();
  return changed.numUpdatedRows > 0n;
}

async function addToNames(transaction: Transaction, pulled: Pulled, day: number, now: number): Promise<void> {
  const { repositoryId, digest, tag = null, count } = pulled;
  const named = sql`repository_id = ${repositoryId} AND digest = ${digest} AND (CAST(${tag} AS TEXT) IS NULL OR name = ${tag})`;
  await sql`INSERT INTO manifest_pulls (repository_id, digest, last_pulled_at)
    SELECT repository_id, digest, ${now} FROM manifests
      WHERE repository_id = ${repositoryId} AND digest = ${digest}
    ON CONFLICT (repository_id, digest) DO UPDATE SET last_pulled_at = ${now}`.execute(transaction);
  await sql`UPDATE tags SET last_pulled_at = ${now} WHERE ${named}`.execute(transaction);
  await sql`INSERT INTO tag_pulls (repository_id, tag, day, pulls)
    SELECT repository_id, name, ${day}, ${count} FROM tags WHERE ${named}
    ON CONFLICT (repository_id, tag, day) DO UPDATE SET pulls = tag_pulls.pulls + ${count}`.execute(
    transaction,
  );
}
