/**
 * The manifest behind an image, for `manifests=1`. An image here is of one platform and has one: as it came, or as it would
 * be written of the blobs that are here.
 */
import type { ImageManifestSummary } from '../../engine-api/types.ts';
import type { Descriptor } from '../../oci/image/descriptor.ts';
import type { ContainersOfImages } from './find-image.ts';
import type { Image } from './image.ts';
import type { ImageStore } from './image-store.ts';
import { localManifest } from './kept-manifest.ts';

export interface DescribedManifests {
  readonly Descriptor: Descriptor;
  readonly Manifests: readonly ImageManifestSummary[];
}

/** Undefined where bytes of the image are gone, and no manifest of it could be written. */
export async function describeManifests(
  images: ImageStore,
  containers: ContainersOfImages,
  image: Image,
): Promise<DescribedManifests | undefined> {
  const local = await localManifest(images, image, image.references[0]);
  if (!local) return undefined;
  const { digest, mediaType, bytes } = local.manifest;
  const { architecture, os, variant } = image.config;
  const descriptor = { mediaType, digest, size: bytes.byteLength };
  const platform = { architecture, os, ...(variant && { variant }) };
  const blobs = new Map([...local.layers.values()].map((blob) => [blob.digest, blob.size]));
  const layers = [...blobs.values()].reduce((sum, size) => sum + size, 0);
  const content = bytes.byteLength + image.configBytes.byteLength + layers;
  const users = containers.list().filter(({ imageId }) => imageId === image.id);
  const summary = {
    ID: digest,
    Descriptor: { ...descriptor, platform },
    Available: true,
    Size: { Content: content, Total: content + image.size },
    Kind: 'image',
    ImageData: {
      Platform: platform,
      Containers: users.map(({ id }) => id),
      Size: { Unpacked: image.size },
    },
  };
  return { Descriptor: descriptor, Manifests: [summary as unknown as ImageManifestSummary] };
}
