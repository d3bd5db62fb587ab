/** Which repositories hold a blob, asked the other way around: for whoever looks after the bytes. */
import { type Digest, parseDigest } from '../../oci/image/digest.ts';
import type { Queries } from '../db/database.ts';

const pageSize = 500;

/** Paths, in order. */
export async function holdersOf(queries: Queries, digest: Digest): Promise<readonly string[]> {
  const rows = await queries
    .selectFrom('repository_blobs')
    .innerJoin('repositories', 'repositories.id', 'repository_blobs.repository_id')
    .select(['namespace', 'name'])
    .where('digest', '=', digest)
    .orderBy('namespace')
    .orderBy('name')
    .execute();
  return rows.map(({ namespace, name }) => `${namespace}/${name}`);
}

/** Every blob that a repository holds, once. */
export async function* heldBlobs(queries: Queries): AsyncGenerator<Digest, void, undefined> {
  for (let last = ''; ;) {
    const rows = await queries
      .selectFrom('repository_blobs')
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

/** No repository holds the blob any more: whoever pushes it next is asked to send it. */
export async function unlinkEverywhere(queries: Queries, digest: Digest): Promise<void> {
  await queries.deleteFrom('repository_blobs').where('digest', '=', digest).execute();
}
