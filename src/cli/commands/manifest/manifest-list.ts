/** The list that stored manifests make up, byte for byte as docker's CLI writes it. */
import { InvalidError } from '../../../lib/errors.ts';
import type { Descriptor } from '../../../oci/image/descriptor.ts';
import { mediaTypes } from '../../../oci/image/media-type.ts';
import { parseReference, type Reference, withDefaultTag } from '../../../oci/image/reference.ts';
import { inOrder } from './manifest-registry.ts';

export interface ManifestList {
  readonly mediaType: string;
  readonly text: string;
}

/** @param descriptors with their platforms. An OCI image at the beginning makes it an OCI index. */
export function composeList(descriptors: readonly Descriptor[]): ManifestList {
  const isOci = descriptors[0]?.mediaType === mediaTypes.ociManifest;
  const mediaType = isOci ? mediaTypes.ociIndex : mediaTypes.dockerList;
  const manifests = descriptors.map(({ mediaType: type, size, digest, platform }) => ({
    mediaType: type,
    size,
    digest,
    platform: platform ? inOrder(platform) : { architecture: '', os: '' },
  }));
  return { mediaType, text: JSON.stringify({ schemaVersion: 2, mediaType, manifests }, undefined, 3) };
}

/** @throws InvalidError */
export function parseListName(text: string): Reference {
  return withDefaultTag(parseReference(text));
}

/** @throws InvalidError that names the list. */
export function parseTarget(text: string): Reference {
  try {
    return parseListName(text);
  } catch (error) {
    const reason = error instanceof InvalidError ? error.message : String(error);
    throw new InvalidError(`error parsing name for manifest list ${text}: ${reason}`, { cause: error });
  }
}
