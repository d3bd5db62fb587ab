/** Gives a repository, or whoever else holds blobs, one whose bytes are in the content store. */
import type { BlobInfo, ContentStore } from '../../oci/content/content-store.ts';
import type { Digest } from '../../oci/image/digest.ts';
import type { HubDatabase } from '../db/database.ts';
import type { Transaction } from '../db/transaction.ts';
import { insertLink } from '../repositories/blob-store.ts';
import { isRemoved, lastRemoval } from '../repositories/blob-removals.ts';

interface LinkParts {
  readonly database: HubDatabase;
  readonly contents: ContentStore;
}

/** In milliseconds: how long a removal of these bytes that goes on is waited for, and how often it is looked at. */
const [patience, pause] = [20_000, 100];

/** False when the bytes are not there (any more). */
export function linkBlob(
  parts: LinkParts,
  repositoryId: number,
  { digest, size }: BlobInfo,
): Promise<boolean> {
  return whileThere(parts, digest, (transaction) => insertLink(transaction, repositoryId, digest, size));
}

/**
 * Writes that somebody holds the blob. False, and nothing is written, when its bytes are not there (any more). What is held always
 * has its bytes: whoever collects garbage removes them only while nobody writes, and only what nobody holds. An object store is
 * not asked while others wait to write: there a removal is written down before it begins, and nothing is held that was removed
 * since the look at the bytes.
 */
export async function whileThere(
  parts: LinkParts,
  digest: Digest,
  hold: (transaction: Transaction) => Promise<void>,
): Promise<boolean> {
  const { contents, database } = parts;
  if (contents.isRemote) return await whileThereRemotely(parts, digest, hold);
  return await database.exclusively(async (transaction) => {
    if (!(await contents.stat(digest))) return false;
    await hold(transaction);
    return true;
  });
}

async function whileThereRemotely(
  { database, contents }: LinkParts,
  digest: Digest,
  hold: (transaction: Transaction) => Promise<void>,
): Promise<boolean> {
  for (const end = Date.now() + patience; Date.now() < end; await Bun.sleep(pause)) {
    const known = await lastRemoval(database);
    if (!(await contents.stat(digest))) return false;
    const isHeld = await database.exclusively(async (transaction) => {
      if (await isRemoved(transaction, digest, known)) return false;
      await hold(transaction);
      return true;
    });
    if (isHeld) return true;
  }
  return false;
}
