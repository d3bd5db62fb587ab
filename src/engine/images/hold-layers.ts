/** Layers of images that somebody reads: they stay until the reader is done, whatever becomes of the images meanwhile. */
import { collectLayers } from './collect.ts';
import type { Image, ImageStore } from './image-store.ts';

/** @returns what ends it, to be called once. */
export function holdLayers(images: ImageStore, read: readonly Image[]): () => Promise<void> {
  const lease = images.leases.hold(read.flatMap(({ layers }) => layers.map(({ chainId }) => chainId)));
  return async () => {
    lease[Symbol.dispose]();
    // What was removed meanwhile has left its layers to us.
    for (const { id, layers } of read) if (!images.get(id)) await collectLayers(images, layers);
  };
}
