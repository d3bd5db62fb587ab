/** Manifests that point at another: signatures, attestations. https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers */
import { mediaTypes } from '../../oci/image/media-type.ts';
import type { Referrer } from '../repositories/manifest-store.ts';
import { readDigest } from './address.ts';
import type { Exchange, RegistryParts } from './exchange.ts';

/** Always an index: one without entries where nothing points there, or where there is no such repository yet. */
export async function listReferrers(
  parts: RegistryParts,
  exchange: Exchange,
  text: string,
): Promise<Response> {
  const subject = readDigest(text);
  const { repository, url } = exchange;
  const all = repository ? await parts.manifests.referrers(repository.id, subject) : [];
  const artifactType = url.searchParams.get('artifactType');
  const asked = artifactType === null ? all : all.filter((each) => each.artifact_type === artifactType);
  const headers = new Headers({ 'Content-Type': mediaTypes.ociIndex });
  if (artifactType !== null) headers.set('OCI-Filters-Applied', 'artifactType');
  const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: asked.map(descriptorOf) };
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
