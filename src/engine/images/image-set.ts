/**
 * What goes out under one name: an image, or an index of one for each platform, with annotations on each of its parts.
 * https://github.com/opencontainers/image-spec/blob/main/image-index.md
 */
import type { LayerCompression } from '../../engine-api/layer-compression.ts';
import { InvalidError } from '../../lib/errors.ts';
import { digestOf } from '../../oci/image/digest.ts';
import type { Descriptor } from '../../oci/image/descriptor.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';
import type { Platform } from '../../oci/image/platform.ts';
import type { Image, RawManifest } from './image.ts';

export type Annotations = Readonly<Record<string, string>>;

export interface AnnotatedImage {
  readonly image: Image;
  /** In its manifest. */
  readonly annotations: Annotations;
  /** On the descriptor that leads to the manifest. */
  readonly descriptor: Annotations;
}

export interface ImageSet {
  readonly images: readonly AnnotatedImage[];
  /** Undefined: the one image goes by itself. `descriptor` is what a layout's index.json says of the index. */
  readonly index: { readonly annotations: Annotations; readonly descriptor: Annotations } | undefined;
  /** The form of the layers; undefined: the usual one, or as they are here. */
  readonly compression: LayerCompression | undefined;
  /** OCI's media types, also where docker's would do. */
  readonly isOci: boolean;
}

/** @throws InvalidError where several images have no index. */
export function requireOneRoot({ images, index }: ImageSet): void {
  if (images.length === 0) throw new InvalidError('there is no image');
  if (!index && images.length > 1) throw new InvalidError('several images need an index');
}

export function describeManifest(
  { digest, mediaType, bytes }: RawManifest,
  { image, descriptor }: AnnotatedImage,
): Descriptor {
  const { os, architecture, variant } = image.config;
  const platform: Platform = { architecture, os, ...(variant !== undefined && { variant }) };
  return { mediaType, digest, size: bytes.byteLength, ...withAnnotations(descriptor), platform };
}

export function authorIndex(manifests: readonly Descriptor[], annotations: Annotations): RawManifest {
  const mediaType = mediaTypes.ociIndex;
  const index = { schemaVersion: 2, mediaType, manifests, ...withAnnotations(annotations) };
  const bytes = new TextEncoder().encode(JSON.stringify(index, undefined, 2));
  return { digest: digestOf(bytes), mediaType, bytes };
}

/** Nothing where there are none. */
function withAnnotations(annotations: Annotations): { readonly annotations?: Annotations } {
  return Object.keys(annotations).length > 0 ? { annotations } : {};
}
