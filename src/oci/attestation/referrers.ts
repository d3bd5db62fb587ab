/** The manifests that refer to another, at registries that list them and at those that do not. */
import type { RegistryClient } from '../distribution/client.ts';
import { RegistryError } from '../distribution/errors.ts';
import type { Descriptor } from '../image/descriptor.ts';
import { algorithmOf, type Digest, hexOf } from '../image/digest.ts';
import { parseManifest } from '../image/manifest.ts';
import { mediaTypes } from '../image/media-type.ts';
import type { RepositoryName } from '../image/reference.ts';

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#referrers-tag-schema */
export function referrersTag(subject: Digest): string {
  return `${algorithmOf(subject)}-${hexOf(subject)}`;
}

/** Those under the tag that is made of the digest; none where there is no such tag. */
async function referrersByTag(
  client: RegistryClient,
  name: RepositoryName,
  subject: Digest,
): Promise<readonly Descriptor[]> {
  try {
    const { bytes, mediaType } = await client.getManifest(name, referrersTag(subject));
    const manifest = parseManifest(bytes, mediaType);
    return manifest.kind === 'index' ? manifest.index.manifests : [];
  } catch (error) {
    if (error instanceof RegistryError && error.status === 404) return [];
    throw error;
  }
}

/** Of one artifact type. A registry may list all the same, and does not have to say what they are. */
export async function listReferrers(
  client: RegistryClient,
  name: RepositoryName,
  subject: Digest,
  artifactType: string,
): Promise<readonly Descriptor[]> {
  const listed =
    (await client.referrers(name, subject, artifactType)) ?? (await referrersByTag(client, name, subject));
  return listed.filter((each) => each.artifactType === undefined || each.artifactType === artifactType);
}

/**
 * Lists a referrer under the tag that is made of its subject's digest, for a registry that lists none by itself. Who pushes at the
 * same time may be overwritten: the specification has nothing against that.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests-with-subject
 */
export async function addReferrerByTag(
  client: RegistryClient,
  name: RepositoryName,
  subject: Digest,
  referrer: Descriptor,
): Promise<void> {
  const listed = await referrersByTag(client, name, subject);
  if (listed.some(({ digest }) => digest === referrer.digest)) return;
  const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [...listed, referrer] };
  const bytes = new TextEncoder().encode(JSON.stringify(index, undefined, 2));
  await client.putManifest(name, referrersTag(subject), mediaTypes.ociIndex, bytes);
}
