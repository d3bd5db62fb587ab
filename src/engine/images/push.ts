/**
 * `docker push`: layers that the registry lacks, several at once and compressed on their way, then the configuration,
 * then the manifest. An image that came from a registry goes back byte for byte. docs/flows/push.md.
 */
import { NotFoundError } from '../../lib/errors.ts';
import type { RegistryClient } from '../../oci/distribution/client.ts';
import { domainError } from '../../oci/distribution/errors.ts';
import { uploadBytes } from '../../oci/distribution/transfer.ts';
import type { Descriptor } from '../../oci/image/descriptor.ts';
import { type Digest, digestOf, shortHexOf } from '../../oci/image/digest.ts';
import { parseManifest } from '../../oci/image/manifest.ts';
import type { Platform } from '../../oci/image/platform.ts';
import {
  familiarReference,
  familiarRepository,
  formatRepository,
  type Reference,
  type RepositoryName,
  withTag,
} from '../../oci/image/reference.ts';
import { authorManifest, type ManifestForm } from './author-manifest.ts';
import { authorIndex, describeManifest, type ImageSet, requireOneRoot } from './image-set.ts';
import type { RawManifest } from './image.ts';
import type { Image, ImageStore } from './image-store.ts';
import { keptManifest } from './kept-manifest.ts';
import { type Report, throttled } from './progress-event.ts';
import { LayerPusher } from './push-layer.ts';
import { pushAttestations } from './push-attestations.ts';
import { requirePlatform } from './require-platform.ts';
import { clientFor, type EmitImageEvent, type RegistryAccess } from './registry-access.ts';
import { Slots } from '../../lib/slots.ts';

export interface PushDependencies {
  readonly images: ImageStore;
  readonly emit: EmitImageEvent;
}

export interface PushRequest extends RegistryAccess {
  readonly name: RepositoryName;
  /** All tags of the repository when left out. */
  readonly tag?: string | undefined;
  /** What the image has to be for. */
  readonly platform?: Platform | undefined;
}

const layersAtOnce = 3;

export async function pushImage(
  dependencies: PushDependencies,
  request: PushRequest,
  report: Report,
): Promise<void> {
  const { images, emit } = dependencies;
  const { name, tag } = request;
  report({ status: `The push refers to repository [${formatRepository(name)}]` });
  const known = tagsOf(images, name);
  const references = tag === undefined ? known : [withTag(name, tag)];
  if (known.length === 0) {
    throw new NotFoundError(`An image does not exist locally with the tag: ${familiarRepository(name)}`);
  }
  const client = clientFor(name, request, ['pull', 'push']);
  const push = new Push(dependencies, client, request, throttled(report));
  try {
    for (const reference of references) {
      await push.push(reference);
      emit('push', familiarReference(reference), { name: familiarRepository(name) });
    }
  } catch (error) {
    throw domainError(error);
  }
}

/** Pushes what a build has made, whatever names it has here. @throws InvalidError */
export async function pushSet(
  dependencies: PushDependencies,
  { set, ...request }: PushRequest & { readonly tag: string; readonly set: ImageSet },
  report: Report,
): Promise<void> {
  const { name, tag } = request;
  requireOneRoot(set);
  report({ status: `The push refers to repository [${formatRepository(name)}]` });
  const client = clientFor(name, request, ['pull', 'push']);
  try {
    const { compression } = set;
    await new Push(dependencies, client, { ...request, compression }, throttled(report)).pushSet(tag, set);
  } catch (error) {
    throw domainError(error);
  }
  dependencies.emit('push', familiarReference(withTag(name, tag)), { name: familiarRepository(name) });
}

function tagsOf(images: ImageStore, name: RepositoryName): Reference[] {
  const key = formatRepository(name);
  return images
    .list()
    .flatMap(({ references }) => references)
    .filter((reference) => formatRepository(reference) === key);
}

interface PutImage {
  readonly manifest: RawManifest;
  /** How an index lists what builds said of it. */
  readonly attestation: Descriptor | undefined;
}

class Push {
  readonly #images: ImageStore;
  readonly #client: RegistryClient;
  readonly #name: RepositoryName;
  readonly #platform: Platform | undefined;
  readonly #signal: AbortSignal;
  readonly #report: Report;
  readonly #layers: LayerPusher;
  readonly #slots = new Slots(layersAtOnce);

  constructor(
    { images }: PushDependencies,
    client: RegistryClient,
    { name, platform, signal, compression }: PushRequest & Pick<Partial<ImageSet>, 'compression'>,
    report: Report,
  ) {
    this.#images = images;
    this.#client = client;
    this.#name = name;
    this.#platform = platform;
    this.#signal = signal;
    this.#report = report;
    this.#layers = new LayerPusher({ images, client, name, signal, compression });
  }

  async push(reference: Reference): Promise<void> {
    const image = this.#images.findReference(reference);
    if (!image) throw new NotFoundError(`tag does not exist: ${familiarReference(reference)}`);
    if (this.#platform) requirePlatform(image.config, this.#platform, familiarReference(reference));
    const tag = reference.tag ?? '';
    this.#tellEnd(tag, (await this.#putImage(image, tag)).manifest);
  }

  /** Each image by its digest, then the index by its tag; or the one image by its tag. */
  async pushSet(tag: string, { images, index, isOci }: ImageSet): Promise<void> {
    const entries: Descriptor[] = [];
    const attestations: Descriptor[] = [];
    for (const annotated of images) {
      const { image, annotations } = annotated;
      const form = { annotations, isOci: isOci || index !== undefined };
      const { manifest, attestation } = await this.#putImage(image, index ? undefined : tag, form);
      if (!index) this.#tellEnd(tag, manifest);
      entries.push(describeManifest(manifest, annotated));
      if (attestation) attestations.push(attestation);
    }
    if (!index) return;
    const authored = authorIndex([...entries, ...attestations], index.annotations);
    await this.#client.putManifest(this.#name, tag, authored.mediaType, authored.bytes);
    this.#tellEnd(tag, authored);
  }

  /** @param tag undefined: by its digest alone. @param form another one than the image came with or was pushed in. */
  async #putImage(image: Image, tag: string | undefined, form?: ManifestForm): Promise<PutImage> {
    using _lease = this.#images.leases.hold(image.layers.map(({ diffId }) => diffId));
    const kept = form ? undefined : await keptManifest(this.#images, image, this.#name);
    const blobs = await this.#pushLayers(image, kept?.layers);
    const manifest = kept?.manifest ?? authorManifest(image, blobs, form);
    await this.#pushConfig(image, manifest);
    await this.#client.putManifest(this.#name, tag ?? manifest.digest, manifest.mediaType, manifest.bytes);
    const target = { client: this.#client, attestations: this.#images.attestations, signal: this.#signal };
    const reference = tag === undefined ? { ...this.#name } : withTag(this.#name, tag);
    const attestation = await pushAttestations(target, image, { reference, manifest });
    this.#images.addManifest(image.id, manifest, { ...this.#name, digest: manifest.digest });
    return { manifest, attestation };
  }

  #tellEnd(tag: string, { digest, bytes }: RawManifest): void {
    const size = bytes.byteLength;
    this.#report({ status: `${tag}: digest: ${digest} size: ${size}` });
    this.#report({ aux: { Tag: tag, Digest: digest, Size: size } });
  }

  /** @returns the blob under which the registry has each layer. */
  async #pushLayers(image: Image, exact?: ReadonlyMap<Digest, Descriptor>): Promise<Map<Digest, Descriptor>> {
    const blobs = new Map<Digest, Descriptor>();
    const sizes = new Map(image.layers.map(({ diffId, size }) => [diffId, size]));
    // The topmost first, as docker has it; a layer that occurs twice is sent once.
    const diffIds = [...sizes.keys()].toReversed();
    for (const diffId of diffIds) this.#report({ status: 'Preparing', id: shortHexOf(diffId) });
    const pushing = diffIds.map(async (diffId) => {
      const id = shortHexOf(diffId);
      using _slot = await this.#slots.take(this.#signal, () => this.#report({ status: 'Waiting', id }));
      const layer = { diffId, exact: exact?.get(diffId) };
      blobs.set(diffId, await this.#layers.push(layer, (event) => this.#report({ id, ...event })));
    });
    const results = await Promise.allSettled(pushing);
    for (const result of results) if (result.status === 'rejected') throw result.reason as Error;
    return blobs;
  }

  async #pushConfig(image: Image, manifest: RawManifest): Promise<void> {
    const parsed = parseManifest(manifest.bytes, manifest.mediaType);
    const digest = parsed.kind === 'image' ? parsed.image.config.digest : digestOf(image.configBytes);
    const address = { client: this.#client, name: this.#name };
    await uploadBytes(address, digest, image.configBytes, { signal: this.#signal });
  }
}
