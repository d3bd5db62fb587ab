/**
 * `docker commit`: the container's changes become a layer, its configuration an image.
 * Pause -> diff -> content store (digest and diff ID in one pass, uncompressed) -> configuration -> image-store -> unpause.
 * The layer is unpacked when a container is first made of the image. docs/flows/commit.md.
 */
import type { ContainerConfig } from '../../engine-api/types.ts';
import { NotFoundError } from '../../lib/errors.ts';
import type { Digest } from '../../oci/image/digest.ts';
import type { ImageConfig, ProcessConfig } from '../../oci/image/image-config.ts';
import { hostPlatform } from '../../oci/image/platform.ts';
import { familiarReference, type Reference } from '../../oci/image/reference.ts';
import type { ContainerRecord } from '../containers/state.ts';
import { applyChanges } from './config-change.ts';
import type { Image, ImageStore } from './image-store.ts';
import type { EmitImageEvent } from './registry-access.ts';
import { writeLayer } from './write-layer.ts';

export interface CommitDependencies {
  readonly images: ImageStore;
  readonly emit: EmitImageEvent;
  /** Runs `read` while the container's processes stand still, so that the layer is of one moment. */
  readonly whileStill: <T>(container: ContainerRecord, read: () => Promise<T>) => Promise<T>;
}

export interface CommitRequest {
  readonly container: ContainerRecord;
  readonly reference?: Reference | undefined;
  readonly author: string;
  readonly comment: string;
  readonly pause: boolean;
  /** Dockerfile instructions. */
  readonly changes: readonly string[];
  /** Fields given here win over the container's. */
  readonly config?: Partial<ContainerConfig> | undefined;
}

export async function commitContainer(
  dependencies: CommitDependencies,
  request: CommitRequest,
): Promise<Image> {
  const { images, emit, whileStill } = dependencies;
  const { container } = request;
  const base = images.get(container.imageId);
  if (!base) throw new NotFoundError(`No such image: ${container.imageId}`);
  // Refused before anything is written.
  const config = applyChanges(
    imageFields({ ...container.config, ...given(request.config) }),
    request.changes,
  );

  const below = container.isOfBuild ? images.snapshots.layersOf(container.chainId) : base.layers;
  using _lease = images.leases.hold(below.flatMap(({ diffId, chainId }) => [diffId, chainId]));
  const layer = await writeLayer(
    images,
    () => images.snapshots.diff(container.id),
    (read) => (request.pause ? whileStill(container, read) : read()),
  );
  using _own = images.leases.hold(layer ? [layer.diffId] : []);
  const layers = layer ? [...below, layer] : below;
  const configBytes = encodeConfig(base, request, config, layers);
  const image = images.put({
    configBytes,
    layers,
    parent: base.id,
    ...(request.reference && { references: [request.reference] }),
  });
  if (request.reference) emit('tag', image.id, { name: familiarReference(request.reference) });
  return image;
}

/** The part of a container's configuration that its image keeps. */
function imageFields(config: ContainerConfig): ProcessConfig {
  const { User, ExposedPorts, Env, Entrypoint, Cmd, Volumes, WorkingDir, Labels, StopSignal, Healthcheck } =
    config;
  return {
    User: User ?? '',
    ...(isFilled(ExposedPorts) && { ExposedPorts }),
    Env: Env ?? [],
    Cmd: Cmd ?? null,
    ...(isFilled(Volumes) && { Volumes }),
    WorkingDir: WorkingDir ?? '',
    Entrypoint: Entrypoint?.length ? Entrypoint : null,
    OnBuild: config.OnBuild ?? null,
    Labels: Labels ?? {},
    ...(StopSignal && { StopSignal }),
    ...(Healthcheck && { Healthcheck }),
    ...(config.Shell?.length && { Shell: config.Shell }),
  };
}

function isFilled(map: object | null | undefined): boolean {
  return map !== null && map !== undefined && Object.keys(map).length > 0;
}

/** Empty fields of a request's body mean "as the container has it". */
function given(config: Partial<ContainerConfig> | undefined): Partial<ContainerConfig> {
  const isGiven = (value: unknown): boolean =>
    value !== null &&
    value !== undefined &&
    value !== '' &&
    value !== false &&
    (typeof value !== 'object' || isFilled(value));
  return Object.fromEntries(Object.entries(config ?? {}).filter(([, value]) => isGiven(value)));
}

/** Fields in alphabetical order, as docker writes them. @param layers the new image's. */
function encodeConfig(
  base: Image,
  { container, author, comment }: CommitRequest,
  config: ProcessConfig,
  layers: readonly { readonly diffId: Digest }[],
): Uint8Array {
  const { architecture, os, variant, history }: ImageConfig = base.config;
  const created = new Date().toISOString();
  const entry = {
    created,
    created_by: (container.config.Cmd ?? []).join(' '),
    ...(author && { author }),
    ...(comment && { comment }),
    ...(layers.length === base.layers.length && { empty_layer: true }),
  };
  // Of a step of a build: the steps before it have made layers that no image tells of.
  const steps = Array.from({ length: Math.max(0, layers.length - base.layers.length - 1) }, () => ({
    created,
    created_by: 'build step',
  }));
  const value = {
    architecture: architecture || hostPlatform().architecture,
    ...(author && { author }),
    ...(comment && { comment }),
    config,
    container: container.id,
    container_config: container.config,
    created,
    history: [...(history ?? []), ...steps, entry],
    os,
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    ...(variant && { variant }),
  };
  return new TextEncoder().encode(JSON.stringify(value));
}
