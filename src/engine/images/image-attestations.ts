/** What was said about an image: by the build that made it here, or at the registry that it came from. */
import { fetchAttestations } from '../../oci/attestation/fetch-attestations.ts';
import { type InspectedAttestations, inspectAttestations } from '../../oci/attestation/inspected.ts';
import type { Predicate } from '../../oci/attestation/statement.ts';
import { pullError } from '../../oci/distribution/errors.ts';
import { parseManifest } from '../../oci/image/manifest.ts';
import type { Image, ImageStore } from './image-store.ts';
import { clientFor, type RegistryAccess } from './registry-access.ts';

/** Asked of a registry only where nothing is known here. @throws what a pull would. */
export async function imageAttestations(
  images: ImageStore,
  image: Image,
  access: RegistryAccess,
): Promise<InspectedAttestations> {
  const known = images.attestations.of(image.id);
  return inspectAttestations(known.length > 0 ? known : await askRegistry(images, image, access));
}

async function askRegistry(
  images: ImageStore,
  image: Image,
  access: RegistryAccess,
): Promise<readonly Predicate[]> {
  const [from] = image.repoDigests;
  const [manifest] = from ? images.manifests(image.id, from) : [];
  if (!from || !manifest) return [];
  const client = clientFor(from, access, ['pull']);
  try {
    return await fetchAttestations(client, from, manifest.digest, await listedBeside());
  } catch (error) {
    throw pullError(error, from);
  }

  /** An image that came by an index has that one's digest. */
  async function listedBeside() {
    if (!from?.digest || from.digest === manifest?.digest) return [];
    const received = await client.getManifest(from, from.digest);
    const index = parseManifest(received.bytes, received.mediaType);
    return index.kind === 'index' ? index.index.manifests : [];
  }
}
