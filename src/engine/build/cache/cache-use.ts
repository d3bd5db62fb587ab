/** The records of the build cache with what each takes: `system df` shows them, pruning goes by them. */
import type { BuildCache as CacheSummary } from '../../../engine-api/types.ts';
import type { ImageStore } from '../../images/image-store.ts';
import { directorySize } from '../../volumes/directory-size.ts';
import type { BuildCache, CacheRecord } from './build-cache.ts';
import type { CacheMounts } from './cache-mounts.ts';

export interface CacheDependencies {
  readonly buildCache: BuildCache;
  readonly cacheMounts: CacheMounts;
  readonly images: ImageStore;
}

export interface CacheUse {
  readonly record: CacheRecord;
  /** Bytes of its own layer, or of its directory. */
  readonly size: number;
  /** An image has the layer, or another record: pruning this one frees nothing. */
  readonly isShared: boolean;
}

/** The one that was used longest ago first. */
export async function cacheUse({ buildCache, cacheMounts, images }: CacheDependencies): Promise<CacheUse[]> {
  const seen = new Set<string>();
  const uses: CacheUse[] = [];
  for (const record of buildCache.list()) {
    const own = record.hasLayer ? record.layers.at(-1) : undefined;
    const isShared = own !== undefined && (seen.has(own.chainId) || images.hasChain(own.chainId));
    if (own) seen.add(own.chainId);
    const size =
      record.kind === 'exec.cachemount' ? await directorySize(cacheMounts.directory(record.id)) : 0;
    uses.push({ record, size: own?.size ?? size, isShared });
  }
  return uses;
}

/** Without what is somebody else's as well. @returns bytes. */
export function privateSize(uses: readonly CacheUse[]): number {
  return uses.reduce((sum, { size, isShared }) => sum + (isShared ? 0 : size), 0);
}

/** Clients before it know of one parent. */
const parentsSince = 42;

/** @param version of the API, the minor one. */
export function presentCache({ record, size, isShared }: CacheUse, version: number): CacheSummary {
  const { id, parent, kind, description, isInUse, createdAt, lastUsedAt, usageCount } = record;
  return {
    ID: id,
    ...(parent !== undefined && (version < parentsSince ? { Parent: parent } : { Parents: [parent] })),
    Type: kind,
    Description: description,
    InUse: isInUse,
    Shared: isShared,
    Size: size,
    CreatedAt: createdAt,
    LastUsedAt: usageCount > 0 ? lastUsedAt : null,
    UsageCount: usageCount,
  };
}
