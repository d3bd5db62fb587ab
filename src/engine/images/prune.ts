/** `docker image prune`: images that nobody names, or with -a those that no container uses. */
import { booleanFilter, type Filters } from '../../engine-api/filters.ts';
import { ConflictError } from '../../lib/errors.ts';
import { createdSeconds, hasLabel, parseMoment } from './list.ts';
import type { Image } from './image-store.ts';
import { type RemoveDependencies, type Removed, removeHiddenImages, removeImage } from './remove.ts';

export const pruneFilters = ['dangling', 'label', 'label!', 'until'] as const;

export interface Pruned {
  readonly ImagesDeleted: Removed[] | null;
  /** In bytes. */
  readonly SpaceReclaimed: number;
}

export async function pruneImages(dependencies: RemoveDependencies, filters: Filters): Promise<Pruned> {
  const { images, containers } = dependencies;
  await removeHiddenImages(dependencies);
  const onlyDangling = booleanFilter(filters, 'dangling') ?? true;
  const used = new Set(containers.list().map(({ imageId }) => imageId));
  const before = layerSizes(images.list());
  const removed: Removed[] = [];
  for (const image of images.list()) {
    if (used.has(image.id) || (onlyDangling && image.references.length > 0) || !passes(image, filters))
      continue;
    removed.push(...(await removeQuietly(dependencies, image)));
  }
  const after = layerSizes(images.list());
  const SpaceReclaimed = [...before].reduce(
    (sum, [chainId, size]) => sum + (after.has(chainId) ? 0 : size),
    0,
  );
  dependencies.emit('prune', '', { reclaimed: String(SpaceReclaimed) });
  return { ImagesDeleted: removed.length > 0 ? removed : null, SpaceReclaimed };
}

/** What is in the way of one image (a child, a name taken meanwhile) is no reason to leave the others. */
async function removeQuietly(dependencies: RemoveDependencies, image: Image): Promise<Removed[]> {
  const names = image.references.length > 1 ? image.references.slice(1) : [];
  const removed: Removed[] = [];
  try {
    for (const reference of names) {
      const { domain, path, tag } = reference;
      removed.push(
        ...(await removeImage(dependencies, `${domain}/${path}:${tag}`, { force: false, noPrune: false })),
      );
    }
    removed.push(...(await removeImage(dependencies, image.id, { force: false, noPrune: false })));
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
  }
  return removed;
}

function passes(image: Image, filters: Filters): boolean {
  const until = (filters.get('until') ?? []).map(parseMoment);
  return (
    (filters.get('label') ?? []).every((label) => hasLabel(image, label)) &&
    !(filters.get('label!') ?? []).some((label) => hasLabel(image, label)) &&
    until.every((moment) => createdSeconds(image) < moment)
  );
}

function layerSizes(images: readonly Image[]): Map<string, number> {
  return new Map(images.flatMap(({ layers }) => layers.map(({ chainId, size }) => [chainId, size] as const)));
}
