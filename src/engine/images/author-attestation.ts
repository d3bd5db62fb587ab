/** What builds said about an image as a manifest, once the image has one of its own: for a push, or a layout. */
import { type AttestationManifest, attestationManifest } from '../../oci/attestation/attestation-manifest.ts';
import { imagePackageUrl } from '../../oci/attestation/statement.ts';
import { platformOf } from '../../oci/image/image-config.ts';
import type { Reference } from '../../oci/image/reference.ts';
import type { AttestationStore } from './attestation-store.ts';
import type { Image, RawManifest } from './image.ts';

/** @param references the names that it goes out under. @returns undefined where nothing was said. */
export function authorAttestation(
  attestations: AttestationStore,
  image: Image,
  { digest, mediaType, bytes }: RawManifest,
  references: readonly Reference[],
): AttestationManifest | undefined {
  const predicates = attestations.of(image.id);
  if (predicates.length === 0) return undefined;
  const names = references.map((reference) => imagePackageUrl(reference, platformOf(image.config)));
  return attestationManifest(predicates, { digest, mediaType, size: bytes.byteLength }, names);
}
