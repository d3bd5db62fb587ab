/** Manifests that point at another: signatures, attestations. https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers */
import { maxManifestSize } from '../../oci/image/manifest.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';
import type { Referrer } from '../repositories/manifest-store.ts';
import { readDigest } from './address.ts';
import type { Exchange, RegistryParts } from './exchange.ts';

/** An answer is an index: a client takes it as large as a manifest. The other half is for what is not annotations. */
const maxAnnotations = maxManifestSize / 2;

/** Always an index: one without entries where nothing points there, or where there is no such repository yet. */
export async function listReferrers(
  parts: RegistryParts,
  exchange: Exchange,
  text: string,
): Promise<Response> {
  const subject = readDigest(text);
  const { repository, url } = exchange;
  const artifactType = url.searchParams.get('artifactType') ?? '';
  const last = url.searchParams.get('last') ?? '';
  const { referrers, hasMore } = repository
    ? await parts.manifests.referrers(repository.id, {
        subject,
        artifactType,
        last,
        maxBytes: maxAnnotations,
      })
    : { referrers: [], hasMore: false };
  const headers = new Headers({ 'Content-Type': mediaTypes.ociIndex });
  if (artifactType !== '') headers.set('OCI-Filters-Applied', 'artifactType');
  const end = referrers.at(-1);
  if (hasMore && end) {
    const next = new URLSearchParams({ ...(artifactType !== '' && { artifactType }), last: end.digest });
    headers.set('Link', `<${url.pathname}?${next}>; rel="next"`);
  }
  const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: referrers.map(descriptorOf) };
  return new Response(JSON.stringify(index), { headers });
}

function descriptorOf({ digest, media_type, size, artifact_type, annotations }: Referrer): object {
  return {
    mediaType: media_type,
    digest,
    size,
    ...(artifact_type !== null && { artifactType: artifact_type }),
    ...(annotations !== null && { annotations: JSON.parse(annotations) as unknown }),
  };
}
