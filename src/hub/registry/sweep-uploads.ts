/** Uploads that nobody goes on with are forgotten, with their bytes. */
import type { ContentStore } from '../../oci/content/content-store.ts';
import type { UploadStore } from './upload-store.ts';

/** Without a byte. */
const maxAge = 24 * 3600_000;

/** Bytes first: a session that still has some is one that somebody goes on with, however long ago it began. */
export async function sweepUploads(
  { contents, uploads }: { readonly contents: ContentStore; readonly uploads: UploadStore },
  before = new Date(Date.now() - maxAge),
): Promise<void> {
  await contents.sweepIngests(before);
  for (const id of await uploads.begunBefore(before)) {
    if (!(await contents.hasIngest(id))) await uploads.delete(id);
  }
}
