/**
 * `docker system df`: what images, containers, volumes and the build cache take.
 * https://docs.docker.com/reference/api/engine/version/v1.50/#tag/System/operation/SystemDataUsage
 */
import type { BuildCache, ContainerSummary, ImageSummary, Volume } from '../../engine-api/types.ts';
import { InvalidError } from '../../lib/errors.ts';
import { type CacheDependencies, cacheUse, presentCache, privateSize } from '../build/cache/cache-use.ts';
import type { ContainerDependencies } from '../containers/dependencies.ts';
import { listContainers } from '../containers/list.ts';
import { listImages } from '../images/list.ts';
import { presentSummary } from '../images/present.ts';
import { layersSize, sharedSizes } from '../images/shared-size.ts';
import { directorySize } from '../volumes/directory-size.ts';
import { presentVolume } from '../volumes/present.ts';
import type { VolumeRecord } from '../volumes/volume-store.ts';
import { volumeUsers } from '../volumes/volume-users.ts';

const usageTypes = ['container', 'image', 'volume', 'build-cache'] as const;
type UsageType = (typeof usageTypes)[number];

export interface DiskUse {
  readonly LayersSize: number;
  /** Null where they were not asked for, here and below. */
  readonly Images: readonly ImageSummary[] | null;
  readonly Containers: readonly ContainerSummary[] | null;
  readonly Volumes: readonly Volume[] | null;
  readonly BuildCache: readonly BuildCache[] | null;
  /** Until 1.41. */
  readonly BuilderSize?: number;
}

/** Clients before it read the size of the build cache, and ask for everything. */
const typesSince = 42;

export type DiskUseDependencies = CacheDependencies &
  Pick<ContainerDependencies, 'containers' | 'images' | 'snapshots' | 'networks' | 'volumes'>;

/** @param types what to count; nothing means everything. @throws InvalidError for an unknown one. */
export async function diskUse(
  deps: DiskUseDependencies,
  types: readonly string[],
  version: number,
): Promise<DiskUse> {
  const known: readonly string[] = usageTypes;
  const asked = version < typesSince ? [] : types;
  const unknown = asked.find((type) => !known.includes(type));
  if (unknown !== undefined) throw new InvalidError(`unknown object type: ${unknown}`);
  const wants = (type: UsageType): boolean => asked.length === 0 || asked.includes(type);
  const cache = wants('build-cache') ? await cacheUse(deps) : [];
  return {
    LayersSize: wants('image') ? layersSize(deps.images.list()) : 0,
    Images: wants('image') ? imageUse(deps, version) : null,
    Containers: wants('container')
      ? await listContainers(deps, { all: true, size: true, limit: undefined, filters: new Map() })
      : null,
    Volumes: wants('volume') ? await volumeUse(deps) : null,
    BuildCache: wants('build-cache') ? cache.map((use) => presentCache(use, version)) : null,
    ...(version < typesSince && { BuilderSize: privateSize(cache) }),
  };
}

function imageUse({ images, containers }: DiskUseDependencies, version: number): ImageSummary[] {
  const shared = sharedSizes(images.list());
  const users = containers.list().map(({ imageId }) => imageId);
  return listImages(images, { all: false, filters: new Map() }).map((item) => ({
    ...presentSummary(item, version),
    Containers: users.filter((id) => id === item.image.id).length,
    SharedSize: shared.get(item.image.id) ?? 0,
  }));
}

function volumeUse({ volumes, containers }: DiskUseDependencies): Promise<Volume[]> {
  return Promise.all(
    volumes
      .list()
      .filter(isLocal)
      .map(async (volume) => ({
        ...presentVolume(volume),
        UsageData: {
          Size: await directorySize(volume.mountpoint),
          RefCount: volumeUsers(containers, volume.name).length,
        },
      })),
  );
}

/** What has options lies elsewhere. */
function isLocal({ options }: VolumeRecord): boolean {
  return Object.keys(options ?? {}).length === 0;
}
