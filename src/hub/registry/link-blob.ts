/** Gives a repository a blob whose bytes are in the content store. */
import type { BlobInfo, ContentStore } from '../../oci/content/content-store.ts';
import type { HubDatabase } from '../db/database.ts';
import { insertLink } from '../repositories/blob-store.ts';

/**
 * False when the bytes are not there (any more). The look and the link are one: whoever collects garbage removes bytes only while
 * nobody writes, and only without a link, so a link always has its bytes.
 */
export function linkBlob(
  { database, contents }: { readonly database: HubDatabase; readonly contents: ContentStore },
  repositoryId: number,
  { digest, size }: BlobInfo,
): Promise<boolean> {
  return database.exclusively(async (queries) => {
    if (!(await contents.stat(digest))) return false;
    await insertLink(queries, repositoryId, digest, size);
    return true;
  });
}
