/**
 * What was said about an image: manifests that name it as their subject (OCI 1.1), those that its index lists as attestations
 * (BuildKit), and those under the tags that cosign makes of a digest.
 * https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md,
 * https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
 */
import type { ImageReferrer } from '../../hub-api/types.ts';
import type { Descriptor } from '../../oci/image/descriptor.ts';
import { algorithmOf, type Digest, hexOf, tryParseDigest } from '../../oci/image/digest.ts';
import { parseManifest } from '../../oci/image/manifest.ts';
import type { ManifestStore, ManifestSummary } from '../repositories/manifest-store.ts';
import type { TagStore } from '../repositories/tag-store.ts';

interface Parts {
  readonly manifests: ManifestStore;
  readonly tags: TagStore;
}

/** Of one image; of an index also those of its first platforms. */
const maxReferrers = 100;
const maxSubjects = 20;
const maxAnnotations = 256 * 1024;

const cosignTags = {
  sig: 'application/vnd.dev.cosign.simplesigning.v1+json',
  att: 'application/vnd.dsse.envelope.v1+json',
  sbom: 'application/vnd.dev.cosign.sbom',
} as const;

type Found = Pick<ImageReferrer, 'digest' | 'artifact_type' | 'subject' | 'tag'> & {
  readonly digest: Digest;
};

/** @param images the platforms of an index; of an image itself. */
export async function findReferrers(
  parts: Parts,
  repositoryId: number,
  digest: Digest,
  images: readonly ManifestSummary[],
): Promise<readonly ImageReferrer[]> {
  const found = new Map<Digest, Found>();
  const add = (each: Found): void => {
    if (found.size < maxReferrers && !found.has(each.digest)) found.set(each.digest, each);
  };
  for (const each of await attestations(parts, repositoryId, digest)) add(each);
  const subjects = [...new Set([digest, ...images.map((image) => image.digest)])].slice(0, maxSubjects);
  for (const subject of subjects) {
    for (const each of await pointing(parts, repositoryId, subject)) add(each);
    for (const each of await cosigned(parts, repositoryId, subject)) add(each);
  }
  const known = new Map(
    (await parts.manifests.summaries(repositoryId, [...found.keys()])).map((each) => [each.digest, each]),
  );
  return [...found.values()].flatMap((each) => {
    const manifest = known.get(each.digest);
    return manifest
      ? [{ ...each, media_type: manifest.media_type, size: manifest.image_size + manifest.size }]
      : [];
  });
}

async function pointing(
  { manifests }: Parts,
  repositoryId: number,
  subject: Digest,
): Promise<readonly Found[]> {
  const { referrers } = await manifests.referrers(repositoryId, {
    subject,
    artifactType: '',
    last: '',
    maxBytes: maxAnnotations,
  });
  return referrers.map(({ digest, artifact_type }) => ({ digest, artifact_type, subject, tag: null }));
}

async function cosigned({ tags }: Parts, repositoryId: number, subject: Digest): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const [ending, artifact_type] of Object.entries(cosignTags)) {
    const name = `${algorithmOf(subject)}-${hexOf(subject)}.${ending}`;
    const tag = await tags.find(repositoryId, name);
    if (tag) found.push({ digest: tag.digest, artifact_type, subject, tag: name });
  }
  return found;
}

async function attestations(
  { manifests }: Parts,
  repositoryId: number,
  digest: Digest,
): Promise<readonly Found[]> {
  const stored = await manifests.get(repositoryId, { digest });
  const manifest = stored && parseManifest(stored.bytes, stored.media_type);
  if (manifest?.kind !== 'index') return [];
  return manifest.index.manifests.filter(isAttestation).map((each) => ({
    digest: each.digest,
    artifact_type: each.annotations?.['vnd.docker.reference.type'] ?? null,
    subject: tryParseDigest(each.annotations?.['vnd.docker.reference.digest'] ?? '') ?? digest,
    tag: null,
  }));
}

function isAttestation({ annotations }: Descriptor): boolean {
  return annotations?.['vnd.docker.reference.type'] !== undefined;
}
