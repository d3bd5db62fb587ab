/** A container's changes into the content store: digest, diff ID and size in one pass, uncompressed. For commit and builds. */
import type { Descriptor } from '../../oci/image/descriptor.ts';
import type { Ingest } from '../../oci/content/content-store.ts';
import { digestOf } from '../../oci/image/digest.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';
import type { ContainerDiff } from '../snapshots/snapshot-store.ts';
import type { NewLayer } from './image.ts';
import type { ImageStore } from './image-store.ts';

/** What an archive without entries holds: two blocks of zeros. */
const emptyTar = digestOf(new Uint8Array(1024));

export type WrittenLayer = NewLayer & { readonly blob: Descriptor };

/**
 * @param whileRead runs the reading: for commit, while the container stands still. It doesn't wait for the disk.
 * @returns undefined when nothing was changed; then nothing is kept, either.
 */
export async function writeLayer(
  images: ImageStore,
  open: () => ContainerDiff,
  whileRead: (read: () => Promise<number>) => Promise<number> = (read) => read(),
): Promise<WrittenLayer | undefined> {
  const ingest = await images.contents.ingest(`commit-${crypto.randomUUID()}`);
  try {
    const size = await whileRead(() => copy(open(), ingest));
    const { digest, size: blobSize } = await ingest.commit();
    if (digest === emptyTar) {
      if (!images.usesDiff(emptyTar)) await images.contents.delete(emptyTar);
      return undefined;
    }
    return { diffId: digest, size, blob: { mediaType: mediaTypes.dockerLayer, digest, size: blobSize } };
  } catch (error) {
    await ingest.abort();
    throw error;
  }
}

/** One chunk is written while the next one is read. @returns the bytes of the files, as docker counts a layer's size. */
async function copy({ tar, size }: ContainerDiff, ingest: Ingest): Promise<number> {
  let writing = Promise.resolve();
  for await (const chunk of tar) {
    await writing;
    writing = ingest.write(chunk);
    writing.catch(() => undefined);
  }
  await writing;
  return await size;
}
