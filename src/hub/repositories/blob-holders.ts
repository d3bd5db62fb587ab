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

/** Every blob that a repository holds, once, and every one that the cache of upstream registries does. */
export async function* heldBlobs(queries: Queries): AsyncGenerator<Digest, void, undefined> {
  for (const table of ['repository_blobs', 'cached_blobs'] as const) yield* digestsIn(queries, table);
}

async function* digestsIn(
  queries: Queries,
  table: 'repository_blobs' | 'cached_blobs',
): AsyncGenerator<Digest, void, undefined> {
  for (let last = ''; ;) {
    const rows = await queries
      .selectFrom(table)
      .select('digest')
      .distinct()
      .where('digest', '>', last)
      .orderBy('digest')
      .limit(pageSize)
      .execute();
    for (const { digest } of rows) yield parseDigest(digest);
    const end = rows.at(-1)?.digest;
    if (end === undefined) return;
    last = end;
  }
}

/** Nobody holds the blob any more: who pushes it next is asked to send it, and the cache takes it from upstream again. */
export async function unlinkEverywhere(queries: Queries, digest: Digest): Promise<void> {
  await queries.deleteFrom('cached_blobs').where('digest', '=', digest).execute();
  await queries.deleteFrom('repository_blobs').where('digest', '=', digest).execute();
}
