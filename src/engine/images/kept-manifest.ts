/** The manifest under which an image can go out as it came: what push and save begin with. */
import type { LayerCompression } from '../../engine-api/layer-compression.ts';
import { CorruptError } from '../../lib/errors.ts';
import type { Descriptor } from '../../oci/image/descriptor.ts';
import type { Digest } from '../../oci/image/digest.ts';
import { parseManifest } from '../../oci/image/manifest.ts';
import type { RepositoryName } from '../../oci/image/reference.ts';
import { authorManifest } from './author-manifest.ts';
import type { Image, RawManifest } from './image.ts';
import type { ImageStore } from './image-store.ts';
import { bringForm } from './layer-forms.ts';

export interface KeptManifest {
  readonly manifest: RawManifest;
  /** The blob that it names for each layer, by diff ID. */
  readonly layers: ReadonlyMap<Digest, Descriptor>;
}

/**
 * The manifest that the image came with or was sent with, if all that it names is here and is what it stands for: anybody
 * can write a manifest that pairs an image with blobs of their own.
 * @param repository whose own manifest is taken first.
 */
export async function keptManifest(
  images: ImageStore,
  image: Image,
  repository?: RepositoryName,
): Promise<KeptManifest | undefined> {
  for (const manifest of images.manifests(image.id, repository)) {
    const parsed = parseManifest(manifest.bytes, manifest.mediaType);
    if (parsed.kind !== 'image' || parsed.image.layers.length !== image.layers.length) continue;
    const layers = new Map<Digest, Descriptor>();
    for (const [index, { diffId }] of image.layers.entries()) {
      const blob = parsed.image.layers[index];
      if (blob && (await holds(images, diffId, blob.digest))) layers.set(diffId, blob);
    }
    if (image.layers.every(({ diffId }) => layers.has(diffId))) return { manifest, layers };
  }
  return undefined;
}

/**
 * The manifest that the image came with, or else one of the blobs that are here, whatever their form.
 * @returns undefined where a layer's bytes are gone.
 */
export async function localManifest(
  images: ImageStore,
  image: Image,
  repository?: RepositoryName,
): Promise<KeptManifest | undefined> {
  const kept = await keptManifest(images, image, repository);
  if (kept) return kept;
  const layers = new Map<Digest, Descriptor>();
  for (const { diffId } of image.layers) {
    for (const blob of images.blobs.of(diffId)) {
      if (!layers.has(diffId) && (await images.contents.stat(blob.digest))) layers.set(diffId, blob);
    }
    if (!layers.has(diffId)) return undefined;
  }
  return { manifest: authorManifest(image, layers), layers };
}

/**
 * The blobs of an image's layers that are in the content store, by diff ID; in the form that is asked for, made where that is
 * not there yet, else as they lie here. @throws CorruptError where a layer's bytes are gone.
 */
export async function storedLayers(
  images: ImageStore,
  image: Image,
  compression: LayerCompression | undefined,
): Promise<ReadonlyMap<Digest, Descriptor>> {
  if (!compression) {
    const local = await localManifest(images, image);
    if (!local) throw new CorruptError(`layers of image ${image.id} are gone`);
    return local.layers;
  }
  const blobs = new Map<Digest, Descriptor>();
  for (const { diffId } of image.layers) blobs.set(diffId, await bringForm(images, diffId, compression));
  return blobs;
}

async function holds(images: ImageStore, diffId: Digest, blob: Digest): Promise<boolean> {
  return (
    images.blobs.of(diffId).some(({ digest }) => digest === blob) &&
    (await images.contents.stat(blob)) !== undefined
  );
}
