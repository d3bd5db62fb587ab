/**
 * A container's changes become a layer where they are: the archive of them goes to the content store, as a commit's
 * does, and the writable directory becomes the layer's. Nothing is unpacked again.
 */
import type { Descriptor } from '../../oci/image/descriptor.ts';
import { chainIds } from '../../oci/image/image-config.ts';
import type { ImageLayer } from './image.ts';
import type { ImageStore } from './image-store.ts';
import { writeLayer } from './write-layer.ts';

/** On disk, visible, and kept from being collected until disposed of: by then an image or the build cache names it. */
export interface AdoptedLayer extends ImageLayer, Disposable {
  readonly blob: Descriptor;
}

export interface AdoptOptions {
  /** SOURCE_DATE_EPOCH, in seconds: what was changed later says it was changed then. */
  readonly epoch?: number | undefined;
}

/**
 * Makes the writable directory of `id` a layer on the chain below it. Nothing may run on it any more.
 * Afterwards `id` has no root; where this throws, it has it still.
 * @returns undefined when nothing was changed: then there is no layer.
 */
export async function adoptLayer(
  images: ImageStore,
  id: string,
  { epoch }: AdoptOptions = {},
): Promise<AdoptedLayer | undefined> {
  const adoption = await images.snapshots.adopt(id, epoch);
  const layer = adoption && (await writeLayer(images, () => adoption.diff));
  if (!layer) {
    await images.snapshots.remove(id);
    return undefined;
  }
  const { parent } = adoption;
  const { diffId, size, blob } = layer;
  const chainId = chainIds(parent === undefined ? [diffId] : [parent, diffId]).at(-1) ?? diffId;
  const lease = images.leases.hold([diffId, chainId]);
  try {
    images.blobs.add(diffId, blob);
    images.pending.add(chainId);
    await adoption.commit(diffId);
  } catch (error) {
    lease[Symbol.dispose]();
    throw error;
  }
  return { diffId, chainId, size, blob, [Symbol.dispose]: () => lease[Symbol.dispose]() };
}
