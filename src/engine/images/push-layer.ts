/**
 * One layer on its way to a registry, by the cheapest way that works: it is there already, it is mounted from another
 * repository, it is sent as it lies here, or it is compressed while it is sent, and the result kept for the next push.
 */
import type { LayerCompression } from '../../engine-api/layer-compression.ts';
import { NotFoundError, UnavailableError } from '../../lib/errors.ts';
import type { RegistryClient } from '../../oci/distribution/client.ts';
import { RegistryError } from '../../oci/distribution/errors.ts';
import { outgoingBlob, type OutgoingBlob, uploadBlob } from '../../oci/distribution/transfer.ts';
import type { Descriptor } from '../../oci/image/descriptor.ts';
import type { Digest } from '../../oci/image/digest.ts';
import { formatRepository, type RepositoryName } from '../../oci/image/reference.ts';
import type { ImageStore } from './image-store.ts';
import { fittingForms, makeForm } from './layer-forms.ts';
import type { ProgressEvent } from './progress-event.ts';

type Tell = (event: Omit<ProgressEvent, 'id'>) => void;

interface LayerPusherOptions {
  readonly images: ImageStore;
  readonly client: RegistryClient;
  readonly name: RepositoryName;
  readonly signal: AbortSignal;
  /** Undefined: the usual one. */
  readonly compression?: LayerCompression | undefined;
}

interface LayerToPush {
  readonly diffId: Digest;
  /** The one form that the manifest names; one that fits the compression when left out. */
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
    const { images, client, name, compression } = this.#options;
    const forms = layer.exact ? [layer.exact] : fittingForms(images, layer.diffId, compression);
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
    if (layer.exact) throw new NotFoundError(`blob ${layer.exact.digest} is missing in the content store`);
    let made: Descriptor | undefined;
    await uploadBlob(
      { client, name },
      // Broken after its last byte: what was compressed then is sent as it is.
      async () =>
        made ? outgoingBlob(images.contents, made) : this.#making(layer, tell, (blob) => (made = blob)),
      { signal },
    );
    if (!made) throw new NotFoundError(`layer ${layer.diffId} was not compressed`);
    return made;
  }

  /** The layer, compressed as it is read, on two ways: to the registry, and into the content store for later. */
  #making({ diffId }: LayerToPush, tell: Tell, done: (blob: Descriptor) => void): OutgoingBlob {
    const { images, compression } = this.#options;
    let blob: Descriptor | undefined;
    const stream = async function* (): AsyncGenerator<Uint8Array> {
      blob = yield* makeForm(images, diffId, compression, (current, total) =>
        tell({ status: 'Pushing', progress: { current, total } }),
      );
      done(blob);
    };
    const digest = async (): Promise<Digest> => {
      if (!blob) throw new UnavailableError('the registry took the layer before its end was sent');
      return blob.digest;
    };
    return { stream: stream(), digest };
  }
}
