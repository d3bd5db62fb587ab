/**
 * Brings the layers of an image into the content store and unpacks them: all at once as far as slots allow, made
 * visible bottom first. Pulls of the same layers at the same time share the work. Between pull.ts and the stores.
 */
import { CorruptError, NotFoundError } from '../../lib/errors.ts';
import { type BlobSource, downloadBlob, ingestIdOf } from '../../oci/distribution/transfer.ts';
import type { Descriptor } from '../../oci/image/descriptor.ts';
import { type Digest, shortHexOf } from '../../oci/image/digest.ts';
import type { UnpackedLayer } from '../snapshots/snapshot-store.ts';
import { ChunkPipe } from './chunk-pipe.ts';
import type { Image, ImageStore } from './image-store.ts';
import type { ProgressEvent, Report } from './progress-event.ts';
import { SharedTasks } from './shared-tasks.ts';
import { Slots } from '../../lib/slots.ts';
import { cancellable, Unpacking } from './unpacking.ts';

/** A layer in its place, and the blob that a manifest gives for it. */
export interface LayerPlan {
  readonly diffId: Digest;
  readonly chainId: Digest;
  readonly blob?: Descriptor;
  /** Where the blob comes from if it is not here yet. */
  readonly source?: BlobSource;
}

interface InstallOptions {
  readonly report?: Report;
  readonly signal?: AbortSignal;
}

type LayerEvent = Omit<ProgressEvent, 'id'>;
type Tell = (event: LayerEvent) => void;

const layersAtOnce = 3;

export class LayerInstaller {
  readonly #images: ImageStore;
  readonly #tasks = new SharedTasks<Digest, LayerEvent, void>();
  readonly #slots = new Slots(layersAtOnce);
  /** Blobs being fetched or read, whichever layer they are for; resolved when done. */
  readonly #turns = new Map<Digest, Promise<void>>();

  constructor(images: ImageStore) {
    this.#images = images;
  }

  /** Unpacks what is missing of an image that is here: after a commit, nothing is unpacked yet. */
  async ensureUnpacked(image: Image, signal?: AbortSignal): Promise<void> {
    if (image.chainId === undefined || this.#images.snapshots.hasLayer(image.chainId)) return;
    using _lease = this.#images.leases.hold(image.layers.flatMap(({ diffId, chainId }) => [diffId, chainId]));
    await this.install(image.layers, signal ? { signal } : {});
  }

  /** @param layers the whole chain, bottom first. Afterwards every one of them is unpacked and committed. */
  async install(layers: readonly LayerPlan[], options: InstallOptions): Promise<void> {
    const controller = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, controller.signal]) : controller.signal;
    const waiting = layers.map((layer, index) => {
      const id = layer.blob && shortHexOf(layer.blob.digest);
      const tell: Tell = (event) => id !== undefined && options.report?.({ id, ...event });
      return this.#run(layers, index, tell, signal);
    });
    try {
      await Promise.all(waiting);
    } catch (error) {
      // One has failed: the others stop, and are waited for, so that nothing goes on behind the answer.
      controller.abort(error);
      await Promise.allSettled(waiting);
      throw error;
    }
  }

  /** Layers that are there already need no task. */
  async isInstalled(layer: LayerPlan): Promise<boolean> {
    if (!this.#images.snapshots.hasLayer(layer.chainId)) return false;
    const found = await this.#findBlob(layer);
    return found !== undefined && this.#isVerified(layer, found);
  }

  #run(layers: readonly LayerPlan[], index: number, tell: Tell, signal: AbortSignal): Promise<void> {
    const layer = layers[index];
    if (!layer) return Promise.resolve();
    return this.#tasks.run(
      layer.chainId,
      async (report, taskSignal) => {
        // The parent is joined as well, so that it goes on when the pull that began it is cancelled.
        const parent = this.#run(layers, index - 1, () => undefined, taskSignal);
        parent.catch(() => undefined);
        await this.#installOne(layer, layers[index - 1]?.chainId, parent, report, taskSignal);
      },
      tell,
      signal,
    );
  }

  async #installOne(
    layer: LayerPlan,
    parentId: Digest | undefined,
    parent: Promise<void>,
    tell: Tell,
    signal: AbortSignal,
  ): Promise<void> {
    if (await this.isInstalled(layer)) return parent;
    const unpacked = await this.#prepare(layer, tell, signal);
    try {
      await parent;
      signal.throwIfAborted();
      if (unpacked) {
        this.#images.pending.add(layer.chainId);
        await unpacked.commit(parentId);
      }
    } catch (error) {
      await unpacked?.abort();
      throw error;
    }
    if (layer.blob) tell({ status: 'Pull complete' });
  }

  /** Fetches and unpacks as far as either is needed. @returns nothing when the layer is unpacked already. */
  async #prepare(layer: LayerPlan, tell: Tell, signal: AbortSignal): Promise<UnpackedLayer | undefined> {
    using _slot = await this.#slots.take(signal, () => tell({ status: 'Waiting' }));
    // The same blob may be wanted for a layer in another place: one image twice, or two images. It is fetched once.
    using _turn = await this.#takeTurn(layer.blob?.digest ?? layer.diffId, signal);
    const found = await this.#findBlob(layer);
    // Awaited here: the turn and the slot end with this function.
    if (found) return await this.#unpackFound(layer, found, tell, signal);
    if (!layer.source || !layer.blob)
      throw new NotFoundError(`layer ${layer.diffId} is missing in the content store`);
    return await this.#download(layer, layer.blob, layer.source, tell, signal);
  }

  async #takeTurn(digest: Digest, signal: AbortSignal): Promise<Disposable> {
    for (let other = this.#turns.get(digest); other; other = this.#turns.get(digest)) {
      await other;
      signal.throwIfAborted();
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turns.set(digest, promise);
    return {
      [Symbol.dispose]: () => {
        this.#turns.delete(digest);
        resolve();
      },
    };
  }

  async #unpackFound(
    layer: LayerPlan,
    blob: Descriptor,
    tell: Tell,
    signal: AbortSignal,
  ): Promise<UnpackedLayer | undefined> {
    if (layer.blob) tell({ status: 'Download complete' });
    const isThere = this.#images.snapshots.hasLayer(layer.chainId);
    if (isThere && this.#isVerified(layer, blob)) return undefined;
    const content = await this.#images.contents.open(blob.digest);
    const onProgress = (current: number): void => {
      if (layer.blob) tell({ status: 'Extracting', progress: { current, total: blob.size } });
    };
    const unpacked = await this.#images.snapshots.unpack({
      diffId: layer.diffId,
      stream: cancellable(content, signal, onProgress),
    });
    this.#images.blobs.add(layer.diffId, blob);
    if (!isThere) return unpacked;
    // Unpacked only to see that the blob is what it is given for.
    await unpacked.abort();
    return undefined;
  }

  /**
   * True when the blob is known to hold the layer. That a manifest pairs the two proves nothing: noted as one of the
   * layer's forms unseen, a foreign blob would be sent in its stead by the next push.
   */
  #isVerified({ diffId }: LayerPlan, { digest }: Descriptor): boolean {
    return digest === diffId || this.#images.blobs.of(diffId).some((known) => known.digest === digest);
  }

  /** One pass over the bytes: to the content store, through the digest, and into the unpacker. */
  async #download(
    layer: LayerPlan,
    blob: Descriptor,
    source: BlobSource,
    tell: Tell,
    signal: AbortSignal,
  ): Promise<UnpackedLayer | undefined> {
    const { contents, snapshots } = this.#images;
    const progress = { signal, ...downloadProgress(blob, tell) };
    // An earlier attempt left a beginning: the download goes on there, and the layer is unpacked from the store.
    const held = (await contents.ingestSize(ingestIdOf(blob.digest))) ?? 0;
    if (snapshots.hasLayer(layer.chainId) || held > 0) {
      await downloadBlob(source, contents, blob, progress);
      return this.#keepingGood(layer, blob, () => this.#unpackFound(layer, blob, tell, signal));
    }
    const pipe = new ChunkPipe();
    const unpacking = new Unpacking(snapshots.unpack({ diffId: layer.diffId, stream: pipe.readable }), pipe);
    try {
      await downloadBlob(source, contents, blob, {
        ...progress,
        onChunk: async (chunk) => {
          unpacking.throwIfFailed();
          await pipe.write(chunk);
        },
      });
      tell({ status: 'Download complete' });
    } catch (error) {
      pipe.fail(error);
      await unpacking.abort();
      throw error;
    }
    pipe.end();
    tell({ status: 'Extracting', progress: { current: blob.size, total: blob.size } });
    return this.#keepingGood(layer, blob, async () => {
      const unpacked = await unpacking.result;
      this.#images.blobs.add(layer.diffId, blob);
      return unpacked;
    });
  }

  /** Of a blob just downloaded: its bytes are what their digest says, and not the layer: of no use to anybody. */
  async #keepingGood<T>(layer: LayerPlan, blob: Descriptor, unpack: () => Promise<T>): Promise<T> {
    try {
      return await unpack();
    } catch (error) {
      if (error instanceof CorruptError && !this.#isVerified(layer, blob))
        await this.#images.contents.delete(blob.digest);
      throw error;
    }
  }

  /** The manifest's own form of the layer if it is here, else any other. */
  async #findBlob(layer: LayerPlan): Promise<Descriptor | undefined> {
    const known = this.#images.blobs.of(layer.diffId);
    for (const blob of layer.blob ? [layer.blob, ...known] : known) {
      if (await this.#images.contents.stat(blob.digest)) return blob;
    }
    return undefined;
  }
}

function downloadProgress(
  blob: Descriptor,
  tell: Tell,
): { onProgress: (bytes: number) => void; onRetry: (milliseconds: number) => void } {
  return {
    onProgress: (current) => {
      tell({ status: 'Downloading', progress: { current, total: blob.size } });
      if (current === blob.size) tell({ status: 'Verifying Checksum' });
    },
    onRetry: (milliseconds) => tell({ status: `Retrying in ${Math.ceil(milliseconds / 1000)} seconds` }),
  };
}
