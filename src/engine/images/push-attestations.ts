/**
 * What builds said about an image goes after it: the statements, and the manifest that ties them to the image's. A
 * registry that lists no referrers is helped by an index under the tag that is made of the image's digest.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests-with-subject
 */
import type { Blob } from '../../oci/attestation/attestation-manifest.ts';
import { addReferrerByTag } from '../../oci/attestation/referrers.ts';
import type { RegistryClient } from '../../oci/distribution/client.ts';
import { uploadBlob } from '../../oci/distribution/transfer.ts';
import type { Descriptor } from '../../oci/image/descriptor.ts';
import type { Reference } from '../../oci/image/reference.ts';
import { authorAttestation } from './author-attestation.ts';
import type { AttestationStore } from './attestation-store.ts';
import type { Image, RawManifest } from './image.ts';

export interface AttestationTarget {
  readonly client: RegistryClient;
  readonly attestations: AttestationStore;
  readonly signal: AbortSignal;
}

export interface PushedImage {
  /** The name that it was sent under. */
  readonly reference: Reference;
  readonly manifest: RawManifest;
}

/** @returns how an index that has the image lists them; undefined where there are none. */
export async function pushAttestations(
  { client, attestations, signal }: AttestationTarget,
  image: Image,
  { reference, manifest }: PushedImage,
): Promise<Descriptor | undefined> {
  const attestation = authorAttestation(attestations, image, manifest, [reference]);
  if (!attestation) return undefined;
  for (const blob of attestation.blobs) await pushBlob(client, reference, blob, signal);
  const { listsReferrers } = await client.putManifest(
    reference,
    attestation.digest,
    attestation.mediaType,
    attestation.bytes,
  );
  if (!listsReferrers) await addReferrerByTag(client, reference, manifest.digest, attestation.listing);
  return attestation.descriptor;
}

async function pushBlob(
  client: RegistryClient,
  name: Reference,
  { digest, bytes }: Blob,
  signal: AbortSignal,
): Promise<void> {
  if (await client.hasBlob(name, digest)) return;
  const stream = async function* (): AsyncGenerator<Uint8Array> {
    yield bytes;
  };
  const open = async () => ({ stream: stream(), digest: async () => digest });
  await uploadBlob({ client, name }, open, { signal });
}
