/**
 * `--cache-to`: the layers of a build's steps, then a document of what they came to, then the manifest that holds both, so
 * that a registry keeps all of it and nothing of it is half there.
 */
import { Slots } from '../../../lib/slots.ts';
import { domainError } from '../../../oci/distribution/errors.ts';
import type { Descriptor } from '../../../oci/image/descriptor.ts';
import { type Digest, digestOf, shortHexOf } from '../../../oci/image/digest.ts';
import { mediaTypes } from '../../../oci/image/media-type.ts';
import { ociLayerType } from '../../images/author-manifest.ts';
import type { ImageLayer } from '../../images/image.ts';
import { throttled } from '../../images/progress-event.ts';
import type { LayerPusher } from '../../images/push-layer.ts';
import type { StagePlan } from '../plan/plan.ts';
import type { ReportedTask } from '../report/build-report.ts';
import type { SolveContext } from '../solver.ts';
import { cacheConfigType, type CacheDocument, presentCache } from './cache-document.ts';
import type { SolvedSteps } from './solved-steps.ts';

const layersAtOnce = 3;

/** A layer that a cache is to hold, with the chain that it is the top of. */
type Held = ReadonlyMap<Digest, readonly ImageLayer[]>;

/** Where a cache is sent. */
export interface CacheSink {
  /** Afterwards the layer is there, in one form or another. @param chain that it is the top of. */
  layer(chain: readonly ImageLayer[], diffId: Digest, tell: Tell): Promise<Descriptor>;
  /** Afterwards these bytes are there. */
  blob(descriptor: Descriptor, bytes: Uint8Array): Promise<void>;
  /** Last of all: what is named is whole. */
  manifest(bytes: Uint8Array): Promise<void>;
}

export type Tell = Parameters<LayerPusher['push']>[1];

/** @throws what the sink refuses, in the words of a push. */
export async function exportTo(
  context: SolveContext,
  sink: CacheSink,
  held: Held,
  task: ReportedTask,
): Promise<void> {
  const { solved, epoch, signal } = context;
  try {
    const blobs = await sendLayers(sink, held, task, signal);
    const layers = [...held.keys()].filter((diffId) => blobs.has(diffId));
    const config = encode(presentCache({ ...documentOf(solved, epoch), layers }));
    const descriptor = { mediaType: cacheConfigType, digest: digestOf(config), size: config.byteLength };
    await sink.blob(descriptor, config);
    const manifest = {
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: descriptor,
      layers: layers.flatMap((diffId) => blobs.get(diffId) ?? []),
    };
    await sink.manifest(encode(manifest));
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

async function sendLayers(
  sink: CacheSink,
  held: Held,
  task: ReportedTask,
  signal: AbortSignal,
): Promise<Map<Digest, Descriptor>> {
  const slots = new Slots(layersAtOnce);
  const blobs = new Map<Digest, Descriptor>();
  const tell = throttled((event) => task.progress(event));
  const sending = [...held].map(async ([diffId, chain]) => {
    const id = shortHexOf(diffId);
    using _slot = await slots.take(signal, () => tell({ status: 'Waiting', id }));
    const blob = await sink.layer(chain, diffId, (event) => tell({ id, ...event }));
    blobs.set(diffId, { mediaType: ociLayerType(blob), digest: blob.digest, size: blob.size });
  });
  const results = await Promise.allSettled(sending);
  for (const result of results) if (result.status === 'rejected') throw result.reason as Error;
  return blobs;
}

function encode(value: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
