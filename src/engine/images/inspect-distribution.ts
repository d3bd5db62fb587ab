/** `GET /distribution/{name}/json`: what a registry has under a name, without pulling it. */
import type { DistributionInspect } from '../../engine-api/types.ts';
import { pullError } from '../../oci/distribution/errors.ts';
import type { RegistryClient } from '../../oci/distribution/client.ts';
import { maxConfigSize, parseImageConfig } from '../../oci/image/image-config.ts';
import { type Manifest, parseManifest } from '../../oci/image/manifest.ts';
import type { Platform } from '../../oci/image/platform.ts';
import { type Reference, withDefaultTag } from '../../oci/image/reference.ts';
import { clientFor, type RegistryAccess } from './registry-access.ts';

export async function inspectDistribution(
  request: RegistryAccess & { readonly reference: Reference },
): Promise<DistributionInspect> {
  const reference = withDefaultTag(request.reference);
  const client = clientFor(reference, request, ['pull']);
  try {
    const { digest, mediaType, bytes } = await client.getManifest(
      reference,
      reference.digest ?? reference.tag ?? '',
    );
    const platforms = await platformsOf(client, reference, parseManifest(bytes, mediaType));
    return {
      Descriptor: { mediaType, digest, size: bytes.byteLength },
      Platforms: platforms.map(({ os, architecture, variant }) => ({
        os,
        architecture,
        ...(variant && { variant }),
      })),
    };
  } catch (error) {
    throw pullError(error, reference);
  }
}

async function platformsOf(
  client: RegistryClient,
  reference: Reference,
  manifest: Manifest,
): Promise<Platform[]> {
  if (manifest.kind === 'index') return manifest.index.manifests.flatMap(({ platform }) => platform ?? []);
  const config = parseImageConfig(await client.getSmallBlob(reference, manifest.image.config, maxConfigSize));
  const { os, architecture, variant } = config;
  return [{ os, architecture, ...(variant !== undefined && { variant }) }];
}
