/**
 * `docker rmi`: takes names away, and with the last one the image, its untagged parents and the layers that no other
 * image shares. Docker's rules for what is in the way: daemon/images/image_delete.go of moby tells them.
 */
import { ConflictError } from '../../lib/errors.ts';
import { type Digest, shortHexOf } from '../../oci/image/digest.ts';
import {
  familiarReference,
  formatRepository,
  parseReference,
  type Reference,
  withDefaultTag,
} from '../../oci/image/reference.ts';
import { mountsImage } from '../containers/mounts/container-mount.ts';
import { isRunning } from '../containers/state.ts';
import { collectLayers } from './collect.ts';
import { type ContainersOfImages, findImage } from './find-image.ts';
import type { Image, ImageStore } from './image-store.ts';
import type { EmitImageEvent } from './registry-access.ts';

export interface RemoveDependencies {
  readonly images: ImageStore;
  readonly containers: ContainersOfImages;
  readonly emit: EmitImageEvent;
}

export interface RemoveOptions {
  readonly force: boolean;
  /** Leave untagged parents alone. */
  readonly noPrune: boolean;
}

export type Removed = { readonly Untagged: string } | { readonly Deleted: string };

/** @param text a name or an id. @throws ConflictError telling what is in the way. */
export async function removeImage(
  dependencies: RemoveDependencies,
  text: string,
  options: RemoveOptions,
): Promise<Removed[]> {
  const image = findImage(dependencies.images, dependencies.containers, text);
  const removal = new Removal(dependencies, options);
  await (isIdPrefix(image.id, text) ? removal.byId(image) : removal.byName(image, text));
  return removal.removed;
}

/** Images that were kept for stopped containers which are gone by now. Called after containers were removed. */
export async function removeHiddenImages({
  images,
  containers,
}: Pick<RemoveDependencies, 'images' | 'containers'>): Promise<void> {
  const hidden = images.hidden();
  if (hidden.length === 0) return;
  for (const id of hidden) {
    const image = standsOn(containers, id) ? undefined : images.get(id);
    if (!image) continue;
    images.remove(id);
    await collectLayers(images, image.layers);
  }
}

/** True while a container runs the image, or mounts it: its layers have to stay. */
function standsOn(containers: ContainersOfImages, image: Digest): boolean {
  return containers.list().some((record) => record.imageId === image || mountsImage(record, image));
}

class Removal {
  readonly removed: Removed[] = [];
  readonly #dependencies: RemoveDependencies;
  readonly #options: RemoveOptions;

  constructor(dependencies: RemoveDependencies, options: RemoveOptions) {
    this.#dependencies = dependencies;
    this.#options = options;
  }

  async byName(image: Image, text: string): Promise<void> {
    const { images, containers } = this.#dependencies;
    const user = containers.list().find(({ imageId }) => imageId === image.id);
    if (!this.#options.force && user && isOneName(namesOf(image))) {
      throw new ConflictError(
        `conflict: unable to remove repository reference ${JSON.stringify(text)} (must force) - ` +
          `container ${user.id.slice(0, 12)} is using its referenced image ${shortHexOf(image.id)}`,
      );
    }
    const reference = withDefaultTag(parseReference(text));
    this.#untag(image.id, reference);
    if (!reference.digest) this.#untagDigestsWithoutTag(image.id, reference);
    const left = images.get(image.id);
    if (left && namesOf(left).length === 0) await this.#delete(left, { quiet: true });
  }

  async byId(image: Image): Promise<void> {
    if (isOneName(namesOf(image))) {
      this.#refuseConflict(image, { names: false, quiet: false });
      for (const reference of namesOf(image)) this.#untag(image.id, reference);
    }
    await this.#delete(this.#dependencies.images.get(image.id) ?? image, { quiet: false });
  }

  /** Digests of a repository that gives the image no tag any more are of no use. */
  #untagDigestsWithoutTag(id: Digest, { domain, path }: Reference): void {
    const image = this.#dependencies.images.get(id);
    const key = formatRepository({ domain, path });
    const isThere = (reference: Reference): boolean => formatRepository(reference) === key;
    if (!image || image.references.some(isThere)) return;
    for (const reference of image.repoDigests.filter(isThere)) this.#untag(id, reference);
  }

  #untag(id: Digest, reference: Reference): void {
    const { images, emit } = this.#dependencies;
    if (!images.untag(reference)) return;
    const name = familiarReference(reference);
    this.removed.push({ Untagged: name });
    emit('untag', id, { name });
  }

  /** @param quiet names are gone already, or it is a parent: what is in the way is respected without a word. */
  async #delete(image: Image, { quiet }: { readonly quiet: boolean }): Promise<void> {
    const { images, containers, emit } = this.#dependencies;
    if (this.#refuseConflict(image, { names: true, quiet }) === 'kept') return;
    for (const reference of namesOf(image)) this.#untag(image.id, reference);
    const isUsed = standsOn(containers, image.id);
    images.remove(image.id, isUsed);
    this.removed.push({ Deleted: image.id });
    emit('delete', image.id, { name: image.id });
    if (!isUsed) {
      const { removed } = await collectLayers(images, image.layers);
      this.removed.push(...removed.map((chainId) => ({ Deleted: chainId })));
    }
    const parent = image.parent && images.find(image.parent);
    if (parent && !this.#options.noPrune)
      await new Removal(this.#dependencies, { ...this.#options, force: false }).#deleteParent(
        parent,
        this.removed,
      );
  }

  async #deleteParent(parent: Image, removed: Removed[]): Promise<void> {
    await this.#delete(parent, { quiet: true });
    removed.push(...this.removed);
  }

  /** @param names whether several names are in the way. */
  #refuseConflict(
    image: Image,
    { names, quiet }: { readonly names: boolean; readonly quiet: boolean },
  ): 'kept' | undefined {
    const conflict = this.#conflictOf(image, names);
    if (!conflict) return undefined;
    if (quiet) return 'kept';
    throw new ConflictError(`conflict: unable to delete ${shortHexOf(image.id)} ${conflict}`);
  }

  #conflictOf(image: Image, names: boolean): string | undefined {
    const { images, containers } = this.#dependencies;
    if (images.children(image.id).length > 0) return '(cannot be forced) - image has dependent child images';
    const users = containers.list().filter(({ imageId }) => imageId === image.id);
    const running = users.find(({ state }) => isRunning(state));
    if (running)
      return `(cannot be forced) - image is being used by running container ${running.id.slice(0, 12)}`;
    if (this.#options.force) return undefined;
    if (names && namesOf(image).length > 0)
      return '(must be forced) - image is referenced in multiple repositories';
    const stopped = users[0];
    return (
      stopped && `(must be forced) - image is being used by stopped container ${stopped.id.slice(0, 12)}`
    );
  }
}

function namesOf(image: Image): Reference[] {
  return [...image.references, ...image.repoDigests];
}

/** One tag, with no more than the digests of its own repository; or digests of one repository alone. */
function isOneName(names: readonly Reference[]): boolean {
  const tags = names.filter(({ digest }) => digest === undefined);
  return tags.length <= 1 && new Set(names.map(formatRepository)).size === 1;
}

function isIdPrefix(id: Digest, text: string): boolean {
  return id.startsWith(text) || id.slice('sha256:'.length).startsWith(text);
}
