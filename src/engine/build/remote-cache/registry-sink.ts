/** `--cache-to type=registry`. */
import type { LayerCompression } from '../../../engine-api/layer-compression.ts';
import { NotFoundError } from '../../../lib/errors.ts';
import type { RegistryClient } from '../../../oci/distribution/client.ts';
import { uploadBytes } from '../../../oci/distribution/transfer.ts';
import type { Descriptor } from '../../../oci/image/descriptor.ts';
import type { Digest } from '../../../oci/image/digest.ts';
import { mediaTypes } from '../../../oci/image/media-type.ts';
import type { Reference } from '../../../oci/image/reference.ts';
import type { ImageLayer } from '../../images/image.ts';
import { LayerPusher } from '../../images/push-layer.ts';
import { clientFor } from '../../images/registry-access.ts';
import type { SolveContext } from '../solver.ts';
import type { CacheSink, Tell } from './export-cache.ts';

export class RegistrySink implements CacheSink {
  readonly #context: SolveContext;
  readonly #reference: Reference;
  readonly #client: RegistryClient;
  readonly #pusher: LayerPusher;
  readonly #isForced: boolean;

  constructor(context: SolveContext, reference: Reference, compression: LayerCompression | undefined) {
    const { deps, request, signal } = context;
    const { images, hosts } = deps;
    const credentials = request.credentialsFor(reference.domain);
    this.#context = context;
    this.#reference = reference;
    this.#client = clientFor(reference, { hosts, credentials, signal }, ['pull', 'push']);
    this.#pusher = new LayerPusher({ images, client: this.#client, name: reference, signal, compression });
    this.#isForced = compression?.isForced ?? false;
  }

  /** One that is only known from another cache is left in its registry where that is the same, else it is brought here. */
  async layer(chain: readonly ImageLayer[], diffId: Digest, tell: Tell): Promise<Descriptor> {
    const { deps, layers, signal } = this.#context;
    const { blobs } = deps.images;
    if (blobs.of(diffId).length > 0) return await this.#pusher.push({ diffId, exact: undefined }, tell);
    const origin = this.#isForced ? undefined : layers.originOf(diffId);
    if (origin?.repository?.domain === this.#reference.domain)
      blobs.addRepository(origin.blob.digest, origin.repository);
    try {
      if (origin) return await this.#pusher.push({ diffId, exact: origin.blob }, tell);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
    await layers.install(chain, { signal });
    return await this.#pusher.push({ diffId, exact: undefined }, tell);
  }

  async blob({ digest }: Descriptor, bytes: Uint8Array): Promise<void> {
    const { signal } = this.#context;
    await uploadBytes({ client: this.#client, name: this.#reference }, digest, bytes, { signal });
  }

  async manifest(bytes: Uint8Array): Promise<void> {
    await this.#client.putManifest(this.#reference, this.#reference.tag ?? '', mediaTypes.ociManifest, bytes);
  }
}
