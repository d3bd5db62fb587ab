/**
 * One layer on its way to a registry, by the cheapest way that works: it is there already, it is mounted from another
 * repository, it is sent as it lies here, or it is compressed while it is sent, and the result kept for the next push.
 */
import { NotFoundError, UnavailableError } from '../../lib/errors.ts';
import type { RegistryClient } from '../../oci/distribution/client.ts';
import { RegistryError } from '../../oci/distribution/errors.ts';
import { outgoingBlob, type OutgoingBlob, uploadBlob } from '../../oci/distribution/transfer.ts';
import type { Descriptor } from '../../oci/image/descriptor.ts';
import type { Digest } from '../../oci/image/digest.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';
import { formatRepository, type RepositoryName } from '../../oci/image/reference.ts';
import { gzip } from '../../oci/layer/gzip.ts';
import type { ImageStore } from './image-store.ts';
import type { ProgressEvent } from './progress-event.ts';

type Tell = (event: Omit<ProgressEvent, 'id'>) => void;

interface LayerPusherOptions {
  readonly images: ImageStore;
  readonly client: RegistryClient;
  readonly name: RepositoryName;
  readonly signal: AbortSignal;
}

interface LayerToPush {
  readonly diffId: Digest;
  /** The one form that the manifest names; any compressed one when left out. */
  readonly exact: Descriptor | undefined;
}

const mountAttempts = 3;

export class LayerPusher {
  readonly #options: LayerPusherOptions;

  constructor(options: LayerPusherOptions) {
    this.#options = options;
  }

  /** @returns the blob that holds the layer in the registry now. */
  async push(layer: LayerToPush, tell: Tell): Promise<Descriptor> {
    const { images, client, name } = this.#options;
    const forms = layer.exact ? [layer.exact] : images.blobs.of(layer.diffId).filter(isCompressed);
    for (const blob of forms) {
      if (await client.hasBlob(name, blob.digest)) {
        tell({ status: 'Layer already exists' });
        return this.#know(blob);
      }
    }
    for (const blob of forms) {
      const from = await this.#mount(blob);
      if (from) {
        tell({ status: `Mounted from ${from.path}` });
        return this.#know(blob);
      }
    }
    const blob = await this.#upload(layer, forms, tell);
    tell({ status: 'Pushed' });
    return this.#know(blob);
  }

  #know(blob: Descriptor): Descriptor {
    this.#options.images.blobs.addRepository(blob.digest, this.#options.name);
    return blob;
  }

  async #mount({ digest }: Descriptor): Promise<RepositoryName | undefined> {
    const { images, client, name } = this.#options;
    const others = images.blobs
      .repositories(digest, name.domain)
      .filter((other) => formatRepository(other) !== formatRepository(name));
    for (const from of others.slice(0, mountAttempts)) {
      try {
        const result = await client.mountBlob(name, digest, from);
        if (result === 'mounted') return from;
        await client.cancelUpload(name, result);
      } catch (error) {
        // Not allowed to read there, or not there any more: the upload will tell whether this one may be written to.
        if (!(error instanceof RegistryError)) throw error;
      }
      images.blobs.removeRepository(digest, from);
    }
    return undefined;
  }

  async #upload(layer: LayerToPush, forms: readonly Descriptor[], tell: Tell): Promise<Descriptor> {
    const { images, client, name, signal } = this.#options;
    for (const blob of forms) {
      if (!(await images.contents.stat(blob.digest))) continue;
      await uploadBlob({ client, name }, () => outgoingBlob(images.contents, blob), {
        signal,
        onProgress: (current) => tell({ status: 'Pushing', progress: { current, total: blob.size } }),
      });
      return blob;
    }
    const tar = images.blobs.of(layer.diffId).find((blob) => blob.digest === layer.diffId);
    if (!tar) throw new NotFoundError(`layer ${layer.diffId} is missing in the content store`);
    let compressed: Descriptor | undefined;
    await uploadBlob(
      { client, name },
      // Broken after its last byte: what was compressed then is sent as it is.
      () =>
        compressed
          ? outgoingBlob(images.contents, compressed)
          : this.#compressing(tar, tell, (blob) => (compressed = blob)),
      { signal },
    );
    if (!compressed) throw new NotFoundError(`layer ${layer.diffId} was not compressed`);
    return compressed;
  }

  /** The layer, compressed as it is read, on two ways: to the registry, and into the content store for later. */
  async #compressing(tar: Descriptor, tell: Tell, done: (blob: Descriptor) => void): Promise<OutgoingBlob> {
    const { images } = this.#options;
    const source = (await images.contents.open(tar.digest)).stream() as ReadableStream<Uint8Array>;
    const total = tar.size;
    let current = 0;
    const counted = async function* (): AsyncGenerator<Uint8Array> {
      for await (const chunk of source) {
        current += chunk.byteLength;
        tell({ status: 'Pushing', progress: { current, total } });
        yield chunk;
      }
    };
    let blob: Descriptor | undefined;
    const stream = async function* (): AsyncGenerator<Uint8Array> {
      // Opened when the first byte is wanted: an upload that does not come so far leaves nothing.
      const ingest = await images.contents.ingest(`push-${crypto.randomUUID()}`);
      try {
        for await (const chunk of gzip(counted())) {
          await ingest.write(chunk);
          yield chunk;
        }
        blob = { ...(await ingest.commit()), mediaType: mediaTypes.dockerLayerGzip };
      } finally {
        await ingest.abort();
      }
      images.blobs.add(tar.digest, blob);
      done(blob);
    };
    const digest = async (): Promise<Digest> => {
      if (!blob) throw new UnavailableError('the registry took the layer before its end was sent');
      return blob.digest;
    };
    return { stream: stream(), digest };
  }
}

/** What a registry is given: a plain tar is compressed first. */
function isCompressed({ mediaType }: Descriptor): boolean {
  return mediaType !== mediaTypes.dockerLayer && mediaType !== mediaTypes.ociLayer;
}
