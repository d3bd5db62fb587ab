/**
 * What the caches named by `--cache-from` know, for one build: fetched while the context still comes, waited for only by a
 * step that this engine has not done itself. A hit is a name until somebody wants its files.
 */
import { messageOf } from '../../../lib/errors.ts';
import type { Digest } from '../../../oci/image/digest.ts';
import { chainIds } from '../../../oci/image/image-config.ts';
import type { ImageLayer } from '../../images/image.ts';
import type { BuildLayers, LayerOrigin } from '../build-layers.ts';
import { type BuildCache, type CacheResult, newRecordId } from '../cache/build-cache.ts';
import type { BuildReport } from '../report/build-report.ts';
import type { CacheDocument, RemoteRecord } from './cache-document.ts';

export interface ImportedCache extends CacheDocument {
  /** Where each of `layers` is. */
  readonly origins: readonly LayerOrigin[];
}

/** One `--cache-from`. */
export interface CacheImport {
  /** As people know it. */
  readonly name: string;
  /** Several for an image of several platforms. */
  readonly read: () => Promise<readonly ImportedCache[]>;
}

interface Hit {
  readonly key: Digest;
  readonly record: RemoteRecord;
  readonly result: CacheResult;
  readonly parent: string | undefined;
}

export class ImportedCaches {
  readonly #layers: BuildLayers;
  readonly #records = new Map<Digest, RemoteRecord>();
  readonly #facts = new Map<Digest, string>();
  readonly #hits = new Map<Digest, Hit>();
  readonly #ready: Promise<unknown>;

  /** Begins to read them all; one that cannot be read is told of, and the build goes on without it. */
  constructor(
    layers: BuildLayers,
    imports: readonly CacheImport[],
    report: BuildReport,
    signal: AbortSignal,
  ) {
    this.#layers = layers;
    const reading = imports.map((one) => this.#read(one, report, signal));
    // The first one named counts most.
    this.#ready = Promise.all(reading).then((caches) => caches.flat().forEach((cache) => this.#add(cache)));
  }

  /** @param below what the step comes on top of. @param parent the record of the step before. */
  async find(
    key: Digest,
    below: readonly ImageLayer[],
    parent: string | undefined,
  ): Promise<CacheResult | undefined> {
    await this.#ready;
    const known = this.#hits.get(key);
    if (known) return known.result;
    const record = this.#records.get(key);
    if (!record) return undefined;
    const { diffId, createdAt } = record;
    const layers = diffId === undefined ? below : onTop(below, diffId);
    const result = { id: newRecordId(), layers, hasLayer: diffId !== undefined, createdAt };
    this.#hits.set(key, { key, record, result, parent });
    return result;
  }

  /** The answer to a question about layers, as a cache has it. */
  async fact(question: Digest): Promise<string | undefined> {
    await this.#ready;
    return this.#facts.get(question);
  }

  /** False where nothing was found: no step can be in them. */
  async haveRecords(): Promise<boolean> {
    await this.#ready;
    return this.#records.size > 0;
  }

  /** What was counted on and cannot be had is not counted on again: layers that are only named, or all of it. */
  forget(what: 'named' | 'all'): void {
    this.#hits.clear();
    for (const [key, { diffId }] of this.#records) {
      const isHeld = diffId === undefined || this.#layers.originOf(diffId) !== undefined;
      if (what === 'all' || !isHeld) this.#records.delete(key);
    }
    if (what === 'named') return;
    this.#facts.clear();
    this.#layers.forgetCaches();
  }

  /** Hits whose layers are here by now become records of this engine's own. */
  keep(cache: BuildCache, sized: (layers: readonly ImageLayer[]) => readonly ImageLayer[]): void {
    for (const { key, record, result, parent } of this.#hits.values()) {
      const { id, layers, hasLayer, createdAt } = result;
      if (!this.#layers.areHere(layers)) continue;
      const { description } = record;
      const kept = {
        layers: sized(layers),
        hasLayer,
        createdAt,
        description,
        parent,
        kind: 'regular',
      } as const;
      cache.put(key, kept, id);
    }
  }

  async #read(
    { name, read }: CacheImport,
    report: BuildReport,
    signal: AbortSignal,
  ): Promise<readonly ImportedCache[]> {
    const task = report.task(`importing cache manifest from ${name}`);
    try {
      const caches = await read();
      task.done();
      return caches;
    } catch (error) {
      task.failed(error, signal.aborted);
      if (!signal.aborted) report.warning({ message: `cache ${name} is not used: ${messageOf(error)}` });
      return [];
    }
  }

  #add({ records, facts, layers, origins }: ImportedCache): void {
    for (const record of records) {
      if (!this.#records.has(record.key)) this.#records.set(record.key, record);
    }
    for (const [question, answer] of facts) {
      if (!this.#facts.has(question)) this.#facts.set(question, answer);
    }
    layers.forEach((diffId, at) => this.#layers.addCached(diffId, origins[at]));
    for (const { diffId } of records) if (diffId !== undefined) this.#layers.addCached(diffId, undefined);
  }
}

function onTop(below: readonly ImageLayer[], diffId: Digest): readonly ImageLayer[] {
  const parent = below.at(-1)?.chainId;
  const chainId = chainIds(parent === undefined ? [diffId] : [parent, diffId]).at(-1) ?? diffId;
  // How large it is will be known when it is here.
  return [...below, { diffId, chainId, size: 0 }];
}
