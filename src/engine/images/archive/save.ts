/**
 * `docker save`: images as an archive that is both docker's (manifest.json) and an OCI layout (index.json), as docker 25
 * and later write it. Layers go out as they lie here, compressed or not; every reader tells by their first bytes.
 */
import { CorruptError, InvalidError } from '../../../lib/errors.ts';
import type { Digest } from '../../../oci/image/digest.ts';
import type { Platform } from '../../../oci/image/platform.ts';
import {
  familiarReference,
  familiarRepository,
  formatRepository,
  type Reference,
} from '../../../oci/image/reference.ts';
import { tar } from '../../../oci/layer/tar.ts';
import { type ContainersOfImages, findImage } from '../find-image.ts';
import { idPrefix, tryReference } from '../image-name.ts';
import type { Image, ImageStore } from '../image-store.ts';
import { authorManifest } from '../author-manifest.ts';
import type { ImageSet } from '../image-set.ts';
import { localManifest, storedLayers } from '../kept-manifest.ts';
import type { EmitImageEvent } from '../registry-access.ts';
import { requirePlatform } from '../require-platform.ts';
import { archiveMembers, type SavedImage } from './saved-members.ts';

export interface SaveDependencies {
  readonly images: ImageStore;
  readonly containers: ContainersOfImages;
  readonly emit: EmitImageEvent;
}

export interface SaveRequest {
  /** Names, with or without a tag, or IDs. A name without a tag means all tags of the repository. */
  readonly names: readonly string[];
  readonly platform?: Platform | undefined;
}

/** @returns the archive; the images' layers stay until it is read to its end or cancelled. @throws NotFoundError */
export async function saveImages(
  dependencies: SaveDependencies,
  { names, platform }: SaveRequest,
): Promise<ReadableStream<Uint8Array>> {
  const { images, emit } = dependencies;
  if (names.length === 0) throw new InvalidError('no images were named to save');
  const chosen = chooseImages(dependencies, names);
  for (const { image, name } of chosen.values()) if (platform) requirePlatform(image.config, platform, name);
  const lease = images.leases.hold(
    [...chosen.values()].flatMap(({ image }) => image.layers.map(({ diffId }) => diffId)),
  );
  try {
    const saved = await Promise.all(
      [...chosen.values()].map(async ({ image, references }) => savedImage(images, image, references)),
    );
    for (const { image } of saved) emit('save', image.id, { name: image.id });
    return streamOf(tar(archiveMembers(images.contents, saved)), lease);
  } catch (error) {
    lease[Symbol.dispose]();
    throw error;
  }
}

/** What a build has made as docker's archive, in the form that was asked for. @throws InvalidError for an index */
export async function saveSet(
  images: ImageStore,
  { images: parts, index, compression, isOci }: ImageSet,
  references: readonly Reference[],
): Promise<ReadableStream<Uint8Array>> {
  const [part, ...others] = parts;
  if (!part || others.length > 0 || index) throw new InvalidError("docker's archive is of one image");
  const { image, annotations } = part;
  const lease = images.leases.hold(image.layers.map(({ diffId }) => diffId));
  try {
    const blobs = await storedLayers(images, image, compression);
    const manifest = authorManifest(image, blobs, { isOci, annotations });
    return streamOf(tar(archiveMembers(images.contents, [{ image, references, manifest, blobs }])), lease);
  } catch (error) {
    lease[Symbol.dispose]();
    throw error;
  }
}

interface Choice {
  readonly image: Image;
  /** As it was asked for first. */
  readonly name: string;
  readonly references: Reference[];
}

function chooseImages(dependencies: SaveDependencies, names: readonly string[]): Map<Digest, Choice> {
  const chosen = new Map<Digest, Choice>();
  for (const name of names) {
    for (const { image, reference } of imagesOf(dependencies, name)) {
      const choice = chosen.get(image.id) ?? { image, name, references: [] };
      chosen.set(image.id, choice);
      const isNew = !choice.references.some(
        (other) => reference && familiarReference(other) === familiarReference(reference),
      );
      if (reference && isNew) choice.references.push(reference);
    }
  }
  return chosen;
}

function imagesOf(
  { images, containers }: SaveDependencies,
  text: string,
): { image: Image; reference?: Reference }[] {
  const named = tryReference(text, idPrefix(text) !== undefined);
  // `sha256:…` is an ID, whole or not.
  const reference = named && familiarRepository(named) === 'sha256' ? undefined : named;
  if (reference?.tag === undefined && reference?.digest === undefined) {
    const all = reference ? tagsOf(images, reference) : [];
    if (all.length > 0) return all;
    return [{ image: findImage(images, containers, text) }];
  }
  const image = findImage(images, containers, text);
  return [reference.digest === undefined ? { image, reference } : { image }];
}

function tagsOf(images: ImageStore, name: Reference): { image: Image; reference: Reference }[] {
  const key = formatRepository(name);
  return images
    .list()
    .flatMap((image) =>
      image.references
        .filter((reference) => formatRepository(reference) === key)
        .map((reference) => ({ image, reference })),
    )
    .toSorted((a, b) => (a.reference.tag ?? '').localeCompare(b.reference.tag ?? ''));
}

async function savedImage(
  images: ImageStore,
  image: Image,
  references: readonly Reference[],
): Promise<SavedImage> {
  const local = await localManifest(images, image, references[0]);
  if (!local) throw new CorruptError(`layers of image ${image.id} are gone`);
  return { image, references, manifest: local.manifest, blobs: local.layers };
}

/** Bytes as they are asked for. @param lease disposed of after the last one. */
export function streamOf(source: AsyncGenerator<Uint8Array>, lease: Disposable): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { value, done } = await source.next();
          if (!done) return controller.enqueue(value);
          lease[Symbol.dispose]();
          controller.close();
        } catch (error) {
          lease[Symbol.dispose]();
          controller.error(error);
        }
      },
      async cancel() {
        lease[Symbol.dispose]();
        await source.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
