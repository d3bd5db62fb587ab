/** Blobs from one store into another, several at once, each verified on its way: into a backup, and back. */
import { CorruptError, errnoOf, NotFoundError } from '../../lib/errors.ts';
import type { BlobInfo, ContentStore, Ingest } from '../../oci/content/content-store.ts';
import { hexOf } from '../../oci/image/digest.ts';

export interface Copied {
  readonly blobs: number;
  readonly bytes: number;
  /** Those that the other side had already. */
  readonly present: number;
}

/** Not copied: the source has no such bytes, or others. */
export type DamagedBlob = BlobInfo & { readonly kind: 'missing' | 'changed' };

export interface CopyReport {
  onProgress(copied: Copied): void;
  /** All else is copied. */
  onDamage(damage: DamagedBlob): void;
}

const atOnce = 8;

/** What is there already in the right size is left as it is; what was cut off goes on where it was. */
export async function copyBlobs(
  from: ContentStore,
  to: ContentStore,
  blobs: Iterable<BlobInfo>,
  report: CopyReport,
): Promise<Copied> {
  let copied: Copied = { blobs: 0, bytes: 0, present: 0 };
  const queue = blobs[Symbol.iterator]();
  const work = async (): Promise<void> => {
    for (let next = queue.next(); !next.done; next = queue.next()) {
      const blob = next.value;
      const outcome = await copyBlob(from, to, blob);
      if (outcome === 'copied') {
        copied = { ...copied, blobs: copied.blobs + 1, bytes: copied.bytes + blob.size };
      } else if (outcome === 'present') copied = { ...copied, present: copied.present + 1 };
      else report.onDamage({ ...blob, kind: outcome });
      report.onProgress(copied);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return copied;
}

async function copyBlob(
  from: ContentStore,
  to: ContentStore,
  blob: BlobInfo,
): Promise<'copied' | 'present' | DamagedBlob['kind']> {
  if ((await to.stat(blob.digest))?.size === blob.size) return 'present';
  const ingest = await to.ingest(hexOf(blob.digest));
  const isResumed = ingest.size > 0;
  try {
    await fill(ingest, from, blob);
  } catch (error) {
    await ingest.close();
    if (error instanceof NotFoundError || errnoOf(error) === 'ENOENT') return 'missing';
    throw error;
  }
  try {
    await ingest.commit(blob);
    return 'copied';
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error;
  }
  // What an earlier run left may be what a power cut made of it.
  return isResumed ? await copyBlob(from, to, blob) : 'changed';
}

async function fill(ingest: Ingest, from: ContentStore, { digest, size }: BlobInfo): Promise<void> {
  const blob = await from.open(digest);
  if (ingest.size >= size) return;
  for await (const chunk of blob.slice(ingest.size).stream()) await ingest.write(chunk);
}
