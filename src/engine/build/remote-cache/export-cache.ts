/**
 * `--cache-to`: the layers of a build's steps, then a document of what they came to, then the manifest that holds both, so
 * that a registry keeps all of it and nothing of it is half there.
 */
import { NotFoundError } from '../../../lib/errors.ts';
import { Slots } from '../../../lib/slots.ts';
import { domainError } from '../../../oci/distribution/errors.ts';
import { uploadBytes } from '../../../oci/distribution/transfer.ts';
import type { Descriptor } from '../../../oci/image/descriptor.ts';
import { type Digest, digestOf, shortHexOf } from '../../../oci/image/digest.ts';
import { mediaTypes } from '../../../oci/image/media-type.ts';
import type { Reference } from '../../../oci/image/reference.ts';
import { ociLayerType } from '../../images/author-manifest.ts';
import type { ImageLayer } from '../../images/image.ts';
import { throttled } from '../../images/progress-event.ts';
import { LayerPusher } from '../../images/push-layer.ts';
import { clientFor } from '../../images/registry-access.ts';
import type { StagePlan } from '../plan/plan.ts';
import type { ReportedTask } from '../report/build-report.ts';
import type { SolveContext } from '../solver.ts';
import { cacheConfigType, type CacheDocument, presentCache } from './cache-document.ts';
import type { SolvedSteps } from './solved-steps.ts';

const layersAtOnce = 3;

/** A layer that a cache is to hold, with the chain that it is the top of. */
type Held = ReadonlyMap<Digest, readonly ImageLayer[]>;

/** @throws what the registry refuses, in the words of a push. */
export async function exportToRegistry(
  context: SolveContext,
  reference: Reference,
  held: Held,
  task: ReportedTask,
): Promise<void> {
  const { deps, request, signal, solved, epoch } = context;
  const { images, hosts } = deps;
  const credentials = request.credentialsFor(reference.domain);
  const client = clientFor(reference, { hosts, credentials, signal }, ['pull', 'push']);
  try {
    const blobs = await pushLayers(context, new LayerPusher({ images, client, name: reference, signal }), {
      held,
      reference,
      task,
    });
    const layers = [...held.keys()].filter((diffId) => blobs.has(diffId));
    const config = encode(presentCache({ ...documentOf(solved, epoch), layers }));
    const descriptor = { mediaType: cacheConfigType, digest: digestOf(config), size: config.byteLength };
    await uploadBytes({ client, name: reference }, descriptor.digest, config, { signal });
    const manifest = encode({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: descriptor,
      layers: layers.flatMap((diffId) => blobs.get(diffId) ?? []),
    });
    await client.putManifest(reference, reference.tag ?? '', mediaTypes.ociManifest, manifest);
  } catch (error) {
    throw domainError(error);
  }
}

/** What goes into the image itself; its layers are the image's. */
export function inlineCache(solved: SolvedSteps, epoch: number | undefined): object {
  return presentCache({ ...documentOf(solved, epoch), layers: [] });
}

/**
 * The layers that a cache holds. All steps are named in it, so that what is unchanged is known without the layers that
 * only led to it.
 * @param targets min: the steps of which the results consist, undefined: all.
 */
export function heldLayers({ steps }: SolvedSteps, targets: readonly StagePlan[] | undefined): Held {
  const stages = targets && new Set(targets.flatMap(lineOf));
  const held = new Map<Digest, readonly ImageLayer[]>();
  for (const { stage, diffId, layers } of [...steps.values()].flat()) {
    if (diffId !== undefined && (!stages || stages.has(stage))) held.set(diffId, layers);
  }
  return held;
}

/** A stage and those that it stands on. */
function lineOf(stage: StagePlan): StagePlan[] {
  const line = [stage];
  for (let { base } = stage; base.kind === 'stage'; { base } = base.stage) line.push(base.stage);
  return line;
}

/** @param epoch SOURCE_DATE_EPOCH: the same build is the same cache, whenever it ran. */
function documentOf({ steps, facts }: SolvedSteps, epoch: number | undefined): CacheDocument {
  const fixed = epoch === undefined ? undefined : new Date(epoch * 1000).toISOString();
  const records = [...steps.values()].flatMap(([step]) => {
    if (!step) return [];
    const { key, description, createdAt, diffId } = step;
    return [{ key, description, createdAt: fixed ?? createdAt, diffId }];
  });
  return { records, facts, layers: [] };
}

interface Pushing {
  readonly held: Held;
  readonly reference: Reference;
  readonly task: ReportedTask;
}

async function pushLayers(
  context: SolveContext,
  pusher: LayerPusher,
  { held, reference, task }: Pushing,
): Promise<Map<Digest, Descriptor>> {
  const slots = new Slots(layersAtOnce);
  const blobs = new Map<Digest, Descriptor>();
  const tell = throttled((event) => task.progress(event));
  const pushing = [...held].map(async ([diffId, chain]) => {
    const id = shortHexOf(diffId);
    using _slot = await slots.take(context.signal, () => tell({ status: 'Waiting', id }));
    const blob = await pushLayer(context, { pusher, chain, diffId, reference }, (event) =>
      tell({ id, ...event }),
    );
    blobs.set(diffId, { mediaType: ociLayerType(blob), digest: blob.digest, size: blob.size });
  });
  const results = await Promise.allSettled(pushing);
  for (const result of results) if (result.status === 'rejected') throw result.reason as Error;
  return blobs;
}

interface LayerToExport {
  readonly pusher: LayerPusher;
  readonly chain: readonly ImageLayer[];
  readonly diffId: Digest;
  readonly reference: Reference;
}

/** One that is only known from another cache is left in its registry where that is the same, else it is brought here. */
async function pushLayer(
  { deps: { images }, layers, signal }: SolveContext,
  { pusher, chain, diffId, reference }: LayerToExport,
  tell: Parameters<LayerPusher['push']>[1],
): Promise<Descriptor> {
  const origin = images.blobs.of(diffId).length > 0 ? undefined : layers.originOf(diffId);
  if (!origin) return await pusher.push({ diffId, exact: undefined }, tell);
  if (origin.source.name.domain === reference.domain)
    images.blobs.addRepository(origin.blob.digest, origin.source.name);
  try {
    return await pusher.push({ diffId, exact: origin.blob }, tell);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
  await layers.install(chain, { signal });
  return await pusher.push({ diffId, exact: undefined }, tell);
}

function encode(value: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
