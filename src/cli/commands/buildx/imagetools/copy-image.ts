/** An image from one repository to another, of the same registry or not: by mounting what can be mounted, else by way of this machine. */
import { CorruptError } from '../../../../lib/errors.ts';
import { attestationArtifactType } from '../../../../oci/attestation/attestation-manifest.ts';
import { listReferrers } from '../../../../oci/attestation/referrers.ts';
import { type BlobAddress, uploadBlob } from '../../../../oci/distribution/transfer.ts';
import type { Digest } from '../../../../oci/image/digest.ts';
import { parseManifest } from '../../../../oci/image/manifest.ts';
import { isNonDistributable } from '../../../../oci/image/media-type.ts';
import { formatRepository } from '../../../../oci/image/reference.ts';

/** An index of indexes is allowed; a tower of them is meant to harm. */
const deepest = 4;

/** With the attestations that refer to it. @param depth of the index that names it. */
export async function copyImage(
  from: BlobAddress,
  to: BlobAddress,
  digest: Digest,
  depth = 0,
): Promise<void> {
  if (formatRepository(from.name) === formatRepository(to.name)) return;
  if (depth > deepest) throw new CorruptError(`indexes within ${digest} lie more than ${deepest} deep`);
  const { bytes, mediaType } = await from.client.getManifest(from.name, digest);
  const manifest = parseManifest(bytes, mediaType);
  if (manifest.kind === 'index') {
    for (const each of manifest.index.manifests) await copyImage(from, to, each.digest, depth + 1);
  } else {
    for (const blob of [manifest.image.config, ...manifest.image.layers])
      if (!isNonDistributable(blob.mediaType)) await copyBlob(from, to, blob.digest);
  }
  await to.client.putManifest(to.name, digest, mediaType, bytes);
  if (manifest.kind === 'index' || manifest.image.subject) return;
  for (const each of await listReferrers(from.client, from.name, digest, attestationArtifactType))
    await copyImage(from, to, each.digest, depth + 1);
}

async function copyBlob(from: BlobAddress, to: BlobAddress, digest: Digest): Promise<void> {
  if (await to.client.hasBlob(to.name, digest)) return;
  if (from.name.domain === to.name.domain) {
    const session = await to.client.mountBlob(to.name, digest, from.name);
    if (session === 'mounted') return;
    await to.client.cancelUpload(to.name, session);
  }
  // The registry that takes it checks the digest.
  await uploadBlob(to, async () => {
    const { stream } = await from.client.getBlob(from.name, digest);
    return { stream, digest: async () => digest };
  });
}
