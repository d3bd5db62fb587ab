/** `--cache-to type=local`: into an OCI image layout that is the client's. What is there already is not sent again. */
import type { LayerCompression } from '../../../engine-api/layer-compression.ts';
import { outgoingBlob } from '../../../oci/distribution/transfer.ts';
import type { Descriptor } from '../../../oci/image/descriptor.ts';
import { type Digest, digestOf } from '../../../oci/image/digest.ts';
import { mediaTypes } from '../../../oci/image/media-type.ts';
import type { ImageLayer } from '../../images/image.ts';
import { bringForm } from '../../images/layer-forms.ts';
import type { SolveContext } from '../solver.ts';
import type { ClientDirectory } from './client-directory.ts';
import type { CacheSink, Tell } from './export-cache.ts';

interface DirectorySinkOptions {
  readonly directory: ClientDirectory;
  readonly tag: string;
  readonly compression: LayerCompression | undefined;
}

export class DirectorySink implements CacheSink {
  readonly #context: SolveContext;
  readonly #options: DirectorySinkOptions;

  constructor(context: SolveContext, options: DirectorySinkOptions) {
    this.#context = context;
    this.#options = options;
  }

  async layer(chain: readonly ImageLayer[], diffId: Digest, tell: Tell): Promise<Descriptor> {
    const { deps, layers, signal } = this.#context;
    const { directory, compression } = this.#options;
    const { images } = deps;
    const isHere = images.blobs.of(diffId).length > 0;
    const known = isHere || compression?.isForced === true ? undefined : layers.originOf(diffId)?.blob;
    // A cache that is taken from the directory and goes back there.
    if (known && (await directory.has(known.digest))) return told(known, tell);
    if (!isHere) await layers.install(chain, { signal });
    const blob = await bringForm(images, diffId, compression, signal);
    if (await directory.has(blob.digest)) return told(blob, tell);
    const { stream } = await outgoingBlob(images.contents, blob);
    await directory.write(blob, counted(stream, blob.size, tell));
    tell({ status: 'Pushed' });
    return blob;
  }

  async blob(descriptor: Descriptor, bytes: Uint8Array): Promise<void> {
    if (await this.#options.directory.has(descriptor.digest)) return;
    await this.#options.directory.write(descriptor, whole(bytes));
  }

  async manifest(bytes: Uint8Array): Promise<void> {
    const { directory, tag } = this.#options;
    const manifest = {
      mediaType: mediaTypes.ociManifest,
      digest: digestOf(bytes),
      size: bytes.byteLength,
    };
    await this.blob(manifest, bytes);
    await directory.tag(manifest, tag);
  }
}

function told(blob: Descriptor, tell: Tell): Descriptor {
  tell({ status: 'Layer already exists' });
  return blob;
}

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function* counted(
  stream: AsyncIterable<Uint8Array>,
  total: number,
  tell: Tell,
): AsyncGenerator<Uint8Array> {
  let current = 0;
  for await (const chunk of stream) {
    current += chunk.byteLength;
    tell({ status: 'Pushing', progress: { current, total } });
    yield chunk;
  }
}
