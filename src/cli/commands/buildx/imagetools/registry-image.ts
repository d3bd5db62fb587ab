/** An image in a registry with all its platforms: configurations, and what was said of them. */
import { fetchAttestations } from '../../../../oci/attestation/fetch-attestations.ts';
import { inspectAttestations } from '../../../../oci/attestation/inspected.ts';
import type { RegistryClient } from '../../../../oci/distribution/client.ts';
import type { Descriptor } from '../../../../oci/image/descriptor.ts';
import { maxConfigSize, parseImageConfig, platformOf } from '../../../../oci/image/image-config.ts';
import { type Manifest, parseManifest } from '../../../../oci/image/manifest.ts';
import { isIndex } from '../../../../oci/image/media-type.ts';
import { formatPlatform, type Platform } from '../../../../oci/image/platform.ts';
import type { RepositoryName } from '../../../../oci/image/reference.ts';
import { CorruptError } from '../../../../lib/errors.ts';

export interface Variant {
  /** `linux/arm64`, normalized as containerd does. */
  readonly platform: string;
  readonly config: unknown;
  readonly said: ReturnType<typeof inspectAttestations>;
}

/** Anybody may have pushed the index. */
const mostVariants = 100;

/** @param withAttestations they may be long; without, `said` is empty. */
export async function fetchVariants(
  client: RegistryClient,
  name: RepositoryName,
  own: Descriptor,
  manifest: Manifest,
  withAttestations: boolean,
): Promise<readonly Variant[]> {
  const listed = manifest.kind === 'index' ? manifest.index.manifests : [];
  const images =
    manifest.kind === 'index'
      ? listed.filter((each) => !isAttestation(each) && !isIndex(each.mediaType))
      : [own];
  if (images.length > mostVariants) throw new CorruptError(`more than ${mostVariants} images in an index`);
  const variants: Variant[] = [];
  for (const { digest, platform } of images) {
    const received = manifest.kind === 'image' ? undefined : await client.getManifest(name, digest);
    const each = received ? parseManifest(received.bytes, received.mediaType) : manifest;
    if (each.kind === 'index') continue;
    const bytes = await client.getSmallBlob(name, each.image.config, maxConfigSize);
    const told = withAttestations ? await fetchAttestations(client, name, digest, listed) : [];
    variants.push({
      platform: formatPlatform(normalized(platform ?? platformOf(parseImageConfig(bytes)))),
      config: JSON.parse(new TextDecoder().decode(bytes)),
      said: inspectAttestations(told),
    });
  }
  return variants;
}

/** An entry of an index that is about another one. */
function isAttestation({ annotations }: Descriptor): boolean {
  return annotations?.['vnd.docker.reference.type'] === 'attestation-manifest';
}

/** The variants that go without saying. https://github.com/containerd/platforms/blob/main/database.go */
export function normalized(platform: Platform): Platform {
  const { variant, ...rest } = platform;
  const plain = { arm64: 'v8', amd64: 'v1' }[platform.architecture];
  if (plain !== undefined && variant === plain) return rest;
  return platform.architecture === 'arm' && !variant ? { ...platform, variant: 'v7' } : platform;
}
