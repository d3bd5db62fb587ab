/** Gives a repository a blob whose bytes are in the content store. */
import type { BlobInfo, ContentStore } from '../../oci/content/content-store.ts';
import type { HubDatabase } from '../db/database.ts';
import { insertLink } from '../repositories/blob-store.ts';
import { isRemoved, lastRemoval } from '../repositories/blob-removals.ts';

interface LinkParts {
  readonly database: HubDatabase;
  readonly contents: ContentStore;
}

/** In milliseconds: how long a removal of these bytes that goes on is waited for, and how often it is looked at. */
const [patience, pause] = [20_000, 100];

/**
 * False when the bytes are not there (any more). A link always has its bytes: whoever collects garbage removes them only while
 * nobody writes, and only without a link. An object store is not asked while others wait to write: there a removal is written
 * down before it begins, and nothing is linked that was removed since the look at the bytes.
 */
export async function linkBlob(parts: LinkParts, repositoryId: number, blob: BlobInfo): Promise<boolean> {
  const { contents, database } = parts;
  if (contents.isRemote) return await linkRemote(parts, repositoryId, blob);
  return await database.exclusively(async (queries) => {
    if (!(await contents.stat(blob.digest))) return false;
    await insertLink(queries, repositoryId, blob.digest, blob.size);
    return true;
  });
}

async function linkRemote(
  { database, contents }: LinkParts,
  repositoryId: number,
  { digest, size }: BlobInfo,
): Promise<boolean> {
  for (const end = Date.now() + patience; Date.now() < end; await Bun.sleep(pause)) {
    const known = await lastRemoval(database);
    if (!(await contents.stat(digest))) return false;
    const isLinked = await database.exclusively(async (queries) => {
      if (await isRemoved(queries, digest, known)) return false;
      await insertLink(queries, repositoryId, digest, size);
      return true;
    });
    if (isLinked) return true;
  }
  return false;
}
