/** Which repositories hold a blob, asked the other way around: for whoever looks after the bytes. */
import { type Digest, parseDigest } from '../../oci/image/digest.ts';
import type { Queries } from '../db/database.ts';

const pageSize = 500;

/** Paths, in order, and `the cache` where that has it, of images from upstream. */
export async function holdersOf(queries: Queries, digest: Digest): Promise<readonly string[]> {
  const rows = await queries
    .selectFrom('repository_blobs')
    .innerJoin('repositories', 'repositories.id', 'repository_blobs.repository_id')
    .select(['namespace', 'name'])
    .where('digest', '=', digest)
    .orderBy('namespace')
    .orderBy('name')
    .execute();
  const cached = await queries
    .selectFrom('cached_blobs')
    .select('digest')
    .where('digest', '=', digest)
    .execute();
  return [...rows.map(({ namespace, name }) => `${namespace}/${name}`), ...cached.map(() => 'the cache')];
}

export interface HeldBlob {
  readonly digest: Digest;
  /** The sizes that its holders have noted, in bytes: they ought to be one. */
  readonly least: number;
  readonly most: number;
}

/** Every blob that a repository holds, once, and every one that the cache of upstream registries does. */
export async function* heldBlobs(queries: Queries): AsyncGenerator<HeldBlob, void, undefined> {
  for (const table of ['repository_blobs', 'cached_blobs'] as const) yield* blobsIn(queries, table);
}

async function* blobsIn(
  queries: Queries,
  table: 'repository_blobs' | 'cached_blobs',
): AsyncGenerator<HeldBlob, void, undefined> {
  for (let last = ''; ;) {
    const rows = await queries
      .selectFrom(table)
      .select((row) => ['digest', row.fn.min('size').as('least'), row.fn.max('size').as('most')])
      .where('digest', '>', last)
      .groupBy('digest')
      .orderBy('digest')
      .limit(pageSize)
      .execute();
    for (const { digest, least, most } of rows) yield { digest: parseDigest(digest), least, most };
    const end = rows.at(-1)?.digest;
    if (end === undefined) return;
    last = end;
  }
}

/** Of these at most 500 blobs those that neither a repository nor the cache holds. */
export async function unheldOf(queries: Queries, digests: readonly Digest[]): Promise<ReadonlySet<Digest>> {
  const held = await queries
    .selectFrom('repository_blobs')
    .select('digest')
    .where('digest', 'in', digests)
    .union(queries.selectFrom('cached_blobs').select('digest').where('digest', 'in', digests))
    .execute();
  const unheld = new Set(digests);
  for (const { digest } of held) unheld.delete(parseDigest(digest));
  return unheld;
}

/** Whoever holds the blob has it in this size, with the sums that are kept of them. */
export async function noteSize(queries: Queries, digest: Digest, size: number): Promise<void> {
  await queries.updateTable('cached_blobs').set({ size }).where('digest', '=', digest).execute();
  const wrong = await queries
    .selectFrom('repository_blobs')
    .selectAll()
    .where('digest', '=', digest)
    .where('size', '!=', size)
    .execute();
  // Gone and come again: what counts them sees no other change.
  for (const row of wrong) {
    await queries
      .deleteFrom('repository_blobs')
      .where('repository_id', '=', row.repository_id)
      .where('digest', '=', digest)
      .execute();
    await queries
      .insertInto('repository_blobs')
      .values({ ...row, size })
      .execute();
  }
}

/** Nobody holds the blob any more: who pushes it next is asked to send it, and the cache takes it from upstream again. */
export async function unlinkEverywhere(queries: Queries, digest: Digest): Promise<void> {
  await queries.deleteFrom('cached_blobs').where('digest', '=', digest).execute();
  await queries.deleteFrom('repository_blobs').where('digest', '=', digest).execute();
}
