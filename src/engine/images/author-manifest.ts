/**
 * The manifest of an image that was made here. Docker's schema 2, as everything can read it; OCI's where it is asked for, or
 * zstd or annotations need it.
 */
import { CorruptError } from '../../lib/errors.ts';
import type { Descriptor } from '../../oci/image/descriptor.ts';
import { type Digest, digestOf } from '../../oci/image/digest.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';
import type { Image, RawManifest } from './image.ts';

export interface ManifestForm {
  readonly isOci?: boolean;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** @param blobs the compressed form of each layer, by diff ID. */
export function authorManifest(
  image: Image,
  blobs: ReadonlyMap<Digest, Descriptor>,
  { isOci: isWanted = false, annotations = {} }: ManifestForm = {},
): RawManifest {
  const layers = image.layers.map(({ diffId }) => {
    const blob = blobs.get(diffId);
    if (!blob) throw new CorruptError(`layer ${diffId} has no blob`);
    return blob;
  });
  const isAnnotated = Object.keys(annotations).length > 0;
  const isOci =
    isWanted || isAnnotated || layers.some(({ mediaType }) => mediaType === mediaTypes.ociLayerZstd);
  const mediaType = isOci ? mediaTypes.ociManifest : mediaTypes.dockerManifest;
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: {
      mediaType: isOci ? mediaTypes.ociConfig : mediaTypes.dockerConfig,
      size: image.configBytes.byteLength,
      digest: image.id,
    },
    layers: layers.map((blob) => ({
      mediaType: layerType(blob, isOci),
      size: blob.size,
      digest: blob.digest,
    })),
    ...(isAnnotated && { annotations }),
  };
  const bytes = new TextEncoder().encode(JSON.stringify(manifest, undefined, 3));
  return { digest: digestOf(bytes), mediaType, bytes };
}

/** What OCI calls the form of a layer. */
export function ociLayerType(blob: Descriptor): string {
  return layerType(blob, true);
}

function layerType({ mediaType }: Descriptor, isOci: boolean): string {
  const pair = layerTypes.find(([docker, oci]) => mediaType === docker || mediaType === oci);
  return pair?.[isOci ? 1 : 0] ?? mediaType;
}

/** Docker's and OCI's words for the same. */
const layerTypes = [
  [mediaTypes.dockerLayer, mediaTypes.ociLayer],
  [mediaTypes.dockerLayerGzip, mediaTypes.ociLayerGzip],
] as const;
