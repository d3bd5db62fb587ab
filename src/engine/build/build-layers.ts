/**
 * The layers that a build stands on, those included that are not here yet: of a base that was only resolved, of a cache
 * elsewhere. They are brought when somebody wants their files.
 */
import { messageOf, UnavailableError } from '../../lib/errors.ts';
import type { Digest } from '../../oci/image/digest.ts';
import type { Descriptor } from '../../oci/image/descriptor.ts';
import type { BlobSource } from '../../oci/distribution/transfer.ts';
import type { RepositoryName } from '../../oci/image/reference.ts';
import { collectLayers } from '../images/collect.ts';
import type { ImageLayer } from '../images/image.ts';
import type { ImageStore } from '../images/image-store.ts';
import type { LayerInstaller, LayerPlan } from '../images/layer-installer.ts';
import type { Report } from '../images/progress-event.ts';

/** Where a layer's bytes are. */
export interface LayerOrigin {
  readonly blob: Descriptor;
  readonly source: BlobSource;
  /** Of the registry that has it; undefined for a directory of the client's. */
  readonly repository?: RepositoryName | undefined;
}

/** A layer that only a cache knows of cannot be had: what the cache says is of no use. */
export class LostCacheError extends UnavailableError {
  /** The cache never held it: it only names it, as the ones of mode=min do. */
  readonly isNamed: boolean;

  constructor(message: string, isNamed: boolean, options?: ErrorOptions) {
    super(message, options);
    this.isNamed = isNamed;
  }
}

export class BuildLayers implements AsyncDisposable {
  readonly #images: ImageStore;
  readonly #installer: LayerInstaller;
  readonly #ofBases = new Map<Digest, LayerOrigin>();
  /** Undefined: a layer that the cache names and does not hold. */
  readonly #ofCaches = new Map<Digest, LayerOrigin | undefined>();
  readonly #brought: LayerPlan[][] = [];

  constructor(images: ImageStore, installer: LayerInstaller) {
    this.#images = images;
    this.#installer = installer;
  }

  addBase(diffId: Digest, origin: LayerOrigin): void {
    this.#ofBases.set(diffId, origin);
  }

  /** What a cache says of a layer. One that holds it counts more than one that only names it. */
  addCached(diffId: Digest, origin: LayerOrigin | undefined): void {
    this.#ofCaches.set(diffId, this.#ofCaches.get(diffId) ?? origin);
  }

  /** Caches are not asked for layers any more. */
  forgetCaches(): void {
    this.#ofCaches.clear();
  }

  /** Where a layer can be had that is not here. */
  originOf(diffId: Digest): LayerOrigin | undefined {
    return this.#ofBases.get(diffId) ?? this.#ofCaches.get(diffId);
  }

  areHere(layers: readonly ImageLayer[]): boolean {
    return layers.every(({ chainId }) => this.#images.snapshots.hasLayer(chainId));
  }

  /**
   * Afterwards all are unpacked.
   * @param layers the whole chain, bottom first. @returns the same with their sizes.
   * @throws LostCacheError where a cache has promised more than it keeps.
   */
  async install(
    layers: readonly ImageLayer[],
    options: { readonly signal: AbortSignal; readonly report?: Report },
  ): Promise<readonly ImageLayer[]> {
    const { snapshots } = this.#images;
    const plan = layers.map(({ diffId, chainId }): LayerPlan & Partial<LayerOrigin> => {
      const origin = snapshots.hasLayer(chainId) ? undefined : this.originOf(diffId);
      return { diffId, chainId, ...origin };
    });
    const missing = layers.filter(({ chainId }) => !snapshots.hasLayer(chainId));
    for (const { diffId } of missing) await this.#requireHeld(diffId);
    if (missing.length > 0) this.#brought.push(plan);
    try {
      await this.#installer.install(plan, options);
    } catch (error) {
      const isCached = missing.some(({ diffId }) => this.#isOfCache(diffId));
      if (options.signal.aborted || !isCached) throw error;
      throw new LostCacheError(messageOf(error), false, { cause: error });
    }
    for (const { blob, repository } of plan) {
      if (blob && repository) this.#images.blobs.addRepository(blob.digest, repository);
    }
    return layers.map((layer) => ({ ...layer, size: snapshots.layerSize(layer.chainId) }));
  }

  /** Takes away what was brought and nobody has kept: to be called when the build's leases are gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const plan of this.#brought) await collectLayers(this.#images, plan);
  }

  #isOfCache(diffId: Digest): boolean {
    return this.#ofCaches.has(diffId) && !this.#ofBases.has(diffId);
  }

  /** @throws LostCacheError for a layer that a cache names, and nobody has. */
  async #requireHeld(diffId: Digest): Promise<void> {
    if (!this.#isOfCache(diffId) || this.#ofCaches.get(diffId)) return;
    for (const { digest } of this.#images.blobs.of(diffId)) {
      if (await this.#images.contents.stat(digest)) return;
    }
    throw new LostCacheError(`the cache does not hold layer ${diffId}`, true);
  }
}
