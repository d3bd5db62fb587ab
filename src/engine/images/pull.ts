/**
 * `docker pull`: name -> manifest -> configuration -> layers, several at once, unpacked while they arrive ->
 * image-store last. docs/flows/pull.md tells it file by file.
 */
import { CorruptError } from '../../lib/errors.ts';
import type { RegistryClient } from '../../oci/distribution/client.ts';
import { pullError } from '../../oci/distribution/errors.ts';
import { type BlobAddress, isInterruption } from '../../oci/distribution/transfer.ts';
import { shortHexOf } from '../../oci/image/digest.ts';
import { chainIds, type ImageConfig, parseImageConfig } from '../../oci/image/image-config.ts';
import type { Platform } from '../../oci/image/platform.ts';
import {
  familiarReference,
  familiarRepository,
  type Reference,
  withDefaultTag,
  withTag,
} from '../../oci/image/reference.ts';
import { collectLayers } from './collect.ts';
import type { ConfigFetcher } from './config-fetcher.ts';
import type { Image, ImageStore } from './image-store.ts';
import type { LayerInstaller, LayerPlan } from './layer-installer.ts';
import { type Report, throttled } from './progress-event.ts';
import { clientFor, type EmitImageEvent, type RegistryAccess } from './registry-access.ts';
import { requirePlatform } from './require-platform.ts';
import { type ResolvedManifest, resolveManifest } from './resolve-manifest.ts';

export interface PullDependencies {
  readonly images: ImageStore;
  readonly layers: LayerInstaller;
  readonly configs: ConfigFetcher;
  readonly emit: EmitImageEvent;
}

export interface PullRequest extends RegistryAccess {
  readonly reference: Reference;
  readonly platform?: Platform | undefined;
  /** False: the image gets no tag, which another one may have, only the digest of its own manifest. */
  readonly isTagged?: boolean;
}

/**
 * Brings an image here under its name. Nothing is reported before the manifest is known, so that "not found" can
 * still be told as a status.
 */
export async function pullImage(
  dependencies: PullDependencies,
  request: PullRequest,
  report: Report,
): Promise<Image> {
  const reference = withDefaultTag(request.reference);
  const client = clientFor(reference, request, ['pull']);
  try {
    return await pullWith(dependencies, client, { ...request, reference }, throttled(report));
  } catch (error) {
    throw pullError(error, reference);
  }
}

/** `docker pull -a`: every tag of the repository. */
export async function pullAllTags(
  dependencies: PullDependencies,
  request: PullRequest,
  report: Report,
): Promise<void> {
  const client = clientFor(request.reference, request, ['pull']);
  try {
    for await (const tag of client.tags(request.reference)) {
      await pullWith(
        dependencies,
        client,
        { ...request, reference: withTag(request.reference, tag) },
        throttled(report),
      );
    }
  } catch (error) {
    throw pullError(error, request.reference);
  }
}

async function pullWith(
  { images, layers, configs, emit }: PullDependencies,
  client: RegistryClient,
  { reference, platform, signal, isTagged = true }: PullRequest,
  report: Report,
): Promise<Image> {
  const resolved = await resolveManifest(client, reference, platform);
  const before = images.findReference(reference);
  const name = { domain: reference.domain, path: reference.path };
  const source = { client, name };
  const known = images.find(resolved.manifest.config.digest);
  using held = configs.hold(client, name, resolved.manifest.config, known?.configBytes);
  const configBytes = await held.bytes;
  const config = known?.config ?? parseImageConfig(configBytes);
  if (platform) requirePlatform(config, platform, familiarReference(reference));
  const plan = planLayers(resolved, config, source);
  report({ status: `Pulling from ${name.path}`, id: reference.digest ?? reference.tag ?? '' });

  using lease = images.leases.hold(
    plan.flatMap(({ chainId, diffId, blob }) => [chainId, diffId, blob.digest]),
  );
  // Of an image that is here already, whatever its name, the layers are not spoken of.
  if (!known) await announce(layers, plan, report);
  try {
    await layers.install(plan, { report, signal });
  } catch (error) {
    lease[Symbol.dispose]();
    // What a broken or cancelled pull has brought so far serves the next one.
    if (!isInterruption(error, signal)) await collectLayers(images, plan);
    throw error;
  }
  const image = images.put({
    configBytes,
    // Their blobs the installer has noted, once it saw what is in them.
    layers: plan.map(({ diffId, chainId }) => ({ diffId, size: images.snapshots.layerSize(chainId) })),
    manifest: resolved.received,
    references: isTagged
      ? [{ ...name, digest: resolved.target }, ...(reference.tag === undefined ? [] : [reference])]
      : [{ ...name, digest: resolved.received.digest }],
  });
  for (const { blob } of plan) images.blobs.addRepository(blob.digest, name);
  tellEnd(resolved, reference, before?.id === image.id, report);
  emit('pull', familiarReference(reference), { name: familiarRepository(reference) });
  return image;
}

/** A layer, and where it is. */
export type PullPlan = Required<LayerPlan>;

/** @throws CorruptError where the manifest and the configuration are of different images. */
export function planLayers(
  { manifest }: ResolvedManifest,
  config: ImageConfig,
  source: BlobAddress,
): PullPlan[] {
  const diffIds = config.rootfs.diff_ids;
  const chain = chainIds(diffIds);
  if (diffIds.length !== manifest.layers.length) {
    throw new CorruptError(
      `cannot pull: the manifest names ${manifest.layers.length} layers, the configuration ${diffIds.length}`,
    );
  }
  return manifest.layers.flatMap((blob, index) => {
    const diffId = diffIds[index];
    const chainId = chain[index];
    return diffId && chainId ? [{ diffId, chainId, blob, source }] : [];
  });
}

/** One line for each layer before the first byte, as docker has it. */
async function announce(layers: LayerInstaller, plan: readonly PullPlan[], report: Report): Promise<void> {
  for (const layer of plan) {
    const status = (await layers.isInstalled(layer)) ? 'Already exists' : 'Pulling fs layer';
    report({ status, id: shortHexOf(layer.blob.digest) });
  }
}

function tellEnd({ target }: ResolvedManifest, reference: Reference, isSame: boolean, report: Report): void {
  report({ status: `Digest: ${target}` });
  const what = isSame ? 'Image is up to date for' : 'Downloaded newer image for';
  report({ status: `Status: ${what} ${familiarReference(reference)}` });
}
