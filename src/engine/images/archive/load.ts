/**
 * `docker load`: an archive's files are taken in, its tables of contents read, the layers that are new made blobs and
 * unpacked, and all its images made visible in the end: of an archive that is refused nothing stays.
 */
import { InvalidError, NotFoundError } from '../../../lib/errors.ts';
import { type Digest, shortHexOf, tryParseDigest } from '../../../oci/image/digest.ts';
import type { Descriptor } from '../../../oci/image/descriptor.ts';
import { chainIds } from '../../../oci/image/image-config.ts';
import { mediaTypes } from '../../../oci/image/media-type.ts';
import { formatPlatform, hostPlatform, matchesPlatform, type Platform } from '../../../oci/image/platform.ts';
import { familiarReference } from '../../../oci/image/reference.ts';
import type { Compression } from '../../../oci/layer/compression.ts';
import { collectLayers, isBlobUsed } from '../collect.ts';
import type { Image, ImageStore } from '../image-store.ts';
import type { LayerInstaller, LayerPlan } from '../layer-installer.ts';
import { type Report, throttled } from '../progress-event.ts';
import type { EmitImageEvent } from '../registry-access.ts';
import { ArchiveFiles } from './archive-files.ts';
import { type ArchivedImage, archivedImages, type ArchivedLayer, platformOf } from './archived-image.ts';
import { type ArchiveInput, readMembers } from './member-process.ts';

export interface LoadDependencies {
  readonly images: ImageStore;
  readonly layers: LayerInstaller;
  readonly emit: EmitImageEvent;
}

export interface LoadRequest extends ArchiveInput {
  /** Tell of the results alone. */
  readonly quiet: boolean;
  /** Load only images for it. */
  readonly platform?: Platform | undefined;
}

/** Answers with docker's lines. @returns the images' ids. @throws InvalidError, CorruptError, NotFoundError, UnsupportedError, UnavailableError */
export async function loadImages(
  dependencies: LoadDependencies,
  request: LoadRequest,
  report: Report,
): Promise<readonly Digest[]> {
  const { images } = dependencies;
  await using files = new ArchiveFiles(images.contents);
  for await (const member of readMembers(request)) await files.add(member);
  const archived = wanted(archivedImages(files, request.platform ?? hostPlatform()), request.platform);
  await using loading = new Loading(dependencies, files, request, throttled(report));
  for (const image of archived) await loading.install(image);
  const ids = archived.map((image) => show(dependencies, image, loading.put(image), report));
  // Docker's rule: where the last image has no name, what was loaded is told by its IDs.
  const isNamed = (archived.at(-1)?.references.length ?? 0) > 0;
  for (const id of isNamed ? [] : ids) report({ stream: `Loaded image ID: ${id}\n` });
  return ids;
}

function wanted(
  archived: readonly ArchivedImage[],
  platform: Platform | undefined,
): readonly ArchivedImage[] {
  if (!platform) return archived;
  const fitting = archived.filter(({ config }) => matchesPlatform(platformOf(config), platform));
  if (fitting.length > 0) return fitting;
  throw new NotFoundError(`no image for the platform ${formatPlatform(platform)} found in the archive`);
}

/** Gives the image its names. @returns its ID. */
function show(
  { images, emit }: LoadDependencies,
  { references }: ArchivedImage,
  image: Image,
  report: Report,
): Digest {
  for (const reference of references) {
    const name = familiarReference(reference);
    const before = images.findReference(reference);
    if (before && before.id !== image.id) {
      report({
        stream: `The image ${name} already exists, renaming the old one with ID ${before.id} to empty string\n`,
      });
    }
    images.tag(image.id, reference);
    report({ stream: `Loaded image: ${name}\n` });
  }
  emit('load', image.id, { name: image.id });
  return image.id;
}

/** Layers on their way, which nobody collects meanwhile; disposed of, those that no image came to have go again. */
class Loading implements AsyncDisposable {
  readonly #images: ImageStore;
  readonly #layers: LayerInstaller;
  readonly #files: ArchiveFiles;
  readonly #request: LoadRequest;
  readonly #report: Report;
  readonly #leases = new DisposableStack();
  readonly #plans: (readonly LayerPlan[])[] = [];
  readonly #blobs = new Set<Digest>();

  constructor(
    { images, layers }: LoadDependencies,
    files: ArchiveFiles,
    request: LoadRequest,
    report: Report,
  ) {
    this.#images = images;
    this.#layers = layers;
    this.#files = files;
    this.#request = request;
    this.#report = report;
  }

  /** Makes blobs of the layers that are not here, and unpacks them. */
  async install({ config, layers }: ArchivedImage): Promise<void> {
    if (config.os !== 'linux') throw new InvalidError(`cannot load ${config.os} image on linux`);
    const diffIds = config.rootfs.diff_ids;
    const chain = chainIds(diffIds);
    this.#leases.use(this.#images.leases.hold([...diffIds, ...chain]));
    const plan: LayerPlan[] = [];
    for (const [index, layer] of layers.entries()) {
      const [diffId, chainId] = [diffIds[index], chain[index]];
      if (!diffId || !chainId) continue;
      const isHere = await this.#layers.isInstalled({ diffId, chainId });
      plan.push({ diffId, chainId, ...(!isHere && { blob: await this.#bring(layer) }) });
    }
    this.#plans.push(plan);
    await this.#layers.install(plan, { signal: this.#request.signal, report: this.#progressOf(plan) });
  }

  /** Makes the image visible, without a name. */
  put({ configBytes, config, manifest }: ArchivedImage): Image {
    const chain = chainIds(config.rootfs.diff_ids);
    return this.#images.put({
      configBytes,
      layers: config.rootfs.diff_ids.map((diffId, index) => ({
        diffId,
        size: this.#images.snapshots.layerSize(chain[index] ?? diffId),
      })),
      ...(manifest && { manifest }),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#leases.dispose();
    for (const plan of this.#plans) await collectLayers(this.#images, plan);
    for (const digest of this.#blobs) {
      if (!isBlobUsed(this.#images, digest)) await this.#images.contents.delete(digest);
    }
  }

  async #bring({ path, blob }: ArchivedLayer): Promise<Descriptor> {
    const expected = blob ?? { digest: digestInPath(path) };
    const info = await this.#files.commit(path, expected);
    this.#blobs.add(info.digest);
    this.#leases.use(this.#images.leases.hold([info.digest]));
    return { mediaType: blob?.mediaType ?? layerTypes[this.#files.compressionOf(path)], ...info };
  }

  #progressOf(plan: readonly LayerPlan[]): Report {
    const ids = new Map(
      plan.map(({ blob, diffId }) => [blob && shortHexOf(blob.digest), shortHexOf(diffId)]),
    );
    return ({ id, status, progress }) => {
      const layer = ids.get(id);
      if (this.#request.quiet || status !== 'Extracting' || !progress || layer === undefined) return;
      this.#report({ id: layer, status: 'Loading layer', progress });
    };
  }
}

/** In the words that every docker understands. */
const layerTypes: Readonly<Record<Compression, string>> = {
  none: mediaTypes.dockerLayer,
  gzip: mediaTypes.dockerLayerGzip,
  zstd: mediaTypes.ociLayerZstd,
};

/** What a file of an OCI layout has to be. */
function digestInPath(path: string): Digest | undefined {
  const [, algorithm, hex] = /^blobs\/(sha256|sha512)\/([a-f0-9]+)$/.exec(path) ?? [];
  return tryParseDigest(`${algorithm}:${hex}`);
}
