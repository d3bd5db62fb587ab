/** From a name on a registry to the one manifest for a platform, through an index where there is one. */
import { InvalidError, NotFoundError } from '../../lib/errors.ts';
import type { ReceivedManifest, RegistryClient } from '../../oci/distribution/client.ts';
import type { Digest } from '../../oci/image/digest.ts';
import { type ImageIndex, type ImageManifest, parseManifest } from '../../oci/image/manifest.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';
import { formatPlatform, hostPlatform, matchesPlatform, type Platform } from '../../oci/image/platform.ts';
import { type Reference, withDefaultTag } from '../../oci/image/reference.ts';

export interface ResolvedManifest {
  /** What the name points at: the index's digest, where there is an index. */
  readonly target: Digest;
  /** The image's own manifest, as received. */
  readonly received: ReceivedManifest;
  readonly manifest: ImageManifest;
}

/** @throws RegistryError, CorruptError; NotFoundError when the index has nothing for the platform. */
export async function resolveManifest(
  client: RegistryClient,
  reference: Reference,
  platform: Platform | undefined,
): Promise<ResolvedManifest> {
  const { tag, digest } = withDefaultTag(reference);
  const top = await client.getManifest(reference, digest ?? tag ?? '');
  const parsed = parseManifest(top.bytes, top.mediaType);
  if (parsed.kind === 'image') return { target: top.digest, received: top, manifest: checked(parsed.image) };
  const chosen = chooseManifest(parsed.index, platform);
  const received = await client.getManifest(reference, chosen);
  const child = parseManifest(received.bytes, received.mediaType);
  if (child.kind !== 'image')
    throw new InvalidError('cannot pull: an index inside an index is not supported');
  return { target: top.digest, received, manifest: checked(child.image) };
}

/** The entry for the platform; an exact variant is better than an older one that runs as well. */
function chooseManifest(index: ImageIndex, platform: Platform | undefined): Digest {
  const wanted = platform ?? hostPlatform();
  const fitting = index.manifests.filter(
    (entry) => entry.platform && matchesPlatform(entry.platform, wanted),
  );
  const exact = fitting.find((entry) => entry.platform?.variant === wanted.variant);
  // An index of one image needs no platform.
  const only = index.manifests.length === 1 && !index.manifests[0]?.platform ? index.manifests[0] : undefined;
  const chosen = exact ?? fitting[0] ?? only;
  if (chosen) return chosen.digest;
  throw new NotFoundError(`no matching manifest for ${formatPlatform(wanted)} in the manifest list entries`);
}

function checked(manifest: ImageManifest): ImageManifest {
  const { mediaType } = manifest.config;
  const isImage = mediaType === mediaTypes.dockerConfig || mediaType === mediaTypes.ociConfig;
  if (!isImage && mediaType !== 'application/octet-stream') {
    throw new InvalidError(`cannot pull: unsupported media type ${mediaType}, this is not a container image`);
  }
  return manifest;
}
