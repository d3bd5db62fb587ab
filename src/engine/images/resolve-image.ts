/** What a name stands for at its registry, without bringing it here: builds whose steps are all known need no more. */
import { pullError } from '../../oci/distribution/errors.ts';
import { maxConfigSize, parseImageConfig } from '../../oci/image/image-config.ts';
import { familiarReference, withDefaultTag } from '../../oci/image/reference.ts';
import type { Image } from './image.ts';
import type { ImageStore } from './image-store.ts';
import { planLayers, type PullPlan, type PullRequest } from './pull.ts';
import { clientFor } from './registry-access.ts';
import { requirePlatform } from './require-platform.ts';
import { resolveManifest } from './resolve-manifest.ts';

export interface ResolvedImage {
  /** Its layers' sizes are not known unless it is here. */
  readonly image: Image;
  /** Where each of its layers is. */
  readonly plan: readonly PullPlan[];
}

/** @throws as a pull. */
export async function resolveImage(images: ImageStore, request: PullRequest): Promise<ResolvedImage> {
  const reference = withDefaultTag(request.reference);
  const { platform } = request;
  const client = clientFor(reference, request, ['pull']);
  try {
    const resolved = await resolveManifest(client, reference, platform);
    const { config: descriptor } = resolved.manifest;
    const known = images.get(descriptor.digest);
    const configBytes =
      known?.configBytes ?? (await client.getSmallBlob(reference, descriptor, maxConfigSize));
    const config = parseImageConfig(configBytes);
    if (platform) requirePlatform(config, platform, familiarReference(reference));
    const plan = planLayers(resolved, config, { client, name: reference });
    const layers = plan.map(({ diffId, chainId }) => ({ diffId, chainId, size: 0 }));
    const image = known ?? {
      id: descriptor.digest,
      config,
      configBytes,
      layers,
      chainId: layers.at(-1)?.chainId,
      references: [],
      repoDigests: [],
      size: 0,
      parent: undefined,
      taggedAt: undefined,
    };
    return { image, plan };
  } catch (error) {
    throw pullError(error, reference);
  }
}
