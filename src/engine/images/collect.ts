/** Takes away blobs and unpacked layers that no image refers to any more. Called after rows are gone, never before. */
import { ConflictError } from '../../lib/errors.ts';
import type { Digest } from '../../oci/image/digest.ts';
import type { ImageStore } from './image-store.ts';
import type { LayerPlan } from './layer-installer.ts';

/**
 * Collects those layers of a removed image that no other one shares.
 * @param layers bottom first. @returns the bytes of the unpacked layers that went.
 */
export async function collectLayers(
  images: ImageStore,
  layers: readonly (LayerPlan & { readonly size?: number })[],
): Promise<{ readonly removed: Digest[]; readonly bytes: number }> {
  const removed: Digest[] = [];
  let bytes = 0;
  // From the top: a layer goes only when nothing stands on it.
  for (const { chainId, diffId, size, blob } of layers.toReversed()) {
    if (images.usesChain(chainId) || images.leases.isHeld(chainId)) continue;
    if (!(await removeUnused(images, chainId))) continue;
    removed.push(chainId);
    bytes += size ?? 0;
    await collectBlobs(images, diffId, blob?.digest);
  }
  return { removed, bytes };
}

/** @returns false when something stands on the layer that no image tells of: a container, a pull under way. */
async function removeUnused(images: ImageStore, chainId: Digest): Promise<boolean> {
  try {
    await images.snapshots.removeLayer(chainId);
  } catch (error) {
    if (error instanceof ConflictError) return false;
    throw error;
  }
  images.pending.delete(chainId);
  return true;
}

async function collectBlobs(images: ImageStore, diffId: Digest, unnamed: Digest | undefined): Promise<void> {
  if (images.usesDiff(diffId) || images.leases.isHeld(diffId)) return;
  // A pull that failed has brought blobs that no row tells of; what it named may be another layer's as well.
  if (unnamed !== undefined && !isBlobUsed(images, unnamed)) await images.contents.delete(unnamed);
  for (const { digest } of images.blobs.forget(diffId)) await images.contents.delete(digest);
}

/** True for a blob that holds a layer of some image, or of one on its way. */
export function isBlobUsed(images: ImageStore, blob: Digest): boolean {
  if (images.leases.isHeld(blob)) return true;
  const diffId = images.blobs.diffIdOf(blob);
  return diffId !== undefined && (images.usesDiff(diffId) || images.leases.isHeld(diffId));
}

/** At the engine's start: what a crash left between the bytes' arrival and the image's row. */
export async function collectLeftovers(images: ImageStore): Promise<void> {
  for (const chainId of images.pending.list()) {
    if (!images.usesChain(chainId) && images.snapshots.hasLayer(chainId))
      await images.snapshots.removeLayer(chainId);
    images.pending.delete(chainId);
  }
  for await (const { digest } of images.contents.list()) {
    const diffId = images.blobs.diffIdOf(digest);
    if (diffId === undefined || !images.usesDiff(diffId)) await images.contents.delete(digest);
  }
  // What others were writing begins anew; a download is gone on with.
  for (const prefix of ['commit-', 'push-', 'load-', 'import-'])
    await images.contents.sweepIngests(new Date(), prefix);
  const day = 24 * 60 * 60 * 1000;
  await images.contents.sweepIngests(new Date(Date.now() - day));
}
