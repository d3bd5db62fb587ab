/**
 * `builder prune`, and what keeps the cache from filling the disk: records that no build stands on go, those used longest
 * ago first, as far as filters and limits say. BuildKit's rules: cache/manager.go, cmd/buildkitd/config/gcpolicy.go
 */
import { statfsSync } from 'node:fs';
import { collectLayers } from '../../images/collect.ts';
import type { CacheKind } from './build-cache.ts';
import { type CacheDependencies, type CacheUse, cacheUse } from './cache-use.ts';

/** In bytes; 0 for no limit. */
interface CacheLimits {
  /** So much is kept in any case. */
  readonly reserved: number;
  /** More than this is not kept. */
  readonly mostUsed: number;
  /** So much of the disk is to be free. */
  readonly leastFree: number;
}

export interface PruneRequest {
  /** What is shared with images and internal goes, too. */
  readonly all: boolean;
  readonly limits: CacheLimits;
  /** Not used since then, in milliseconds since 1970. */
  readonly unusedSince?: number | undefined;
  readonly kinds?: readonly CacheKind[];
  readonly matches?: (use: CacheUse) => boolean;
}

export interface PrunedCache {
  readonly ids: readonly string[];
  /** Bytes that are free now. */
  readonly bytes: number;
}

export type PruneDependencies = CacheDependencies & {
  /** On the disk that the cache is on. */
  readonly paths: { readonly data: string };
};

/** @param requests one after the other: each finds what the ones before have left. */
export async function pruneCache(
  deps: PruneDependencies,
  ...requests: readonly PruneRequest[]
): Promise<PrunedCache> {
  const ids: string[] = [];
  let bytes = 0;
  const left = new Leaves(await cacheUse(deps));
  for (const request of requests) {
    const isNext = (use: CacheUse): boolean => isPrunable(deps, use, request);
    const goal = bytesToKeep(left.privateSize, freeBytes(deps), request.limits);
    while (left.privateSize > goal) {
      const next = left.find(isNext);
      if (!next) break;
      left.delete(next);
      bytes += await removeRecord(deps, next);
      ids.push(next.record.id);
    }
  }
  return { ids, bytes };
}

/** Records of which the ones that came of them go first. */
class Leaves {
  readonly #uses: Set<CacheUse>;
  /** By id: how many records came of it. */
  readonly #children = new Map<string, number>();
  privateSize = 0;

  constructor(uses: readonly CacheUse[]) {
    this.#uses = new Set(uses);
    for (const use of uses) this.#count(use, 1);
  }

  find(test: (use: CacheUse) => boolean): CacheUse | undefined {
    for (const use of this.#uses) if (!this.#children.get(use.record.id) && test(use)) return use;
    return undefined;
  }

  delete(use: CacheUse): void {
    this.#uses.delete(use);
    this.#count(use, -1);
  }

  #count({ record: { parent }, size, isShared }: CacheUse, change: 1 | -1): void {
    if (parent !== undefined) this.#children.set(parent, (this.#children.get(parent) ?? 0) + change);
    if (!isShared) this.privateSize += change * size;
  }
}

function isPrunable(
  { buildCache }: CacheDependencies,
  use: CacheUse,
  { all, unusedSince, kinds, matches }: PruneRequest,
): boolean {
  const { record, isShared } = use;
  if (buildCache.isHeld(record.id)) return false;
  if (!all && (isShared || record.kind === 'internal' || record.kind === 'frontend')) return false;
  if (unusedSince !== undefined && Date.parse(record.lastUsedAt) > unusedSince) return false;
  return (kinds?.includes(record.kind) ?? true) && (matches?.(use) ?? true);
}

async function removeRecord(
  { buildCache, cacheMounts, images }: CacheDependencies,
  { record, size }: CacheUse,
): Promise<number> {
  buildCache.delete(record.id);
  if (record.kind === 'exec.cachemount') {
    await cacheMounts.remove(record.id);
    return size;
  }
  const { bytes } = await collectLayers(images, record.layers);
  return bytes;
}

/** Below zero where there is no limit: all goes that may, whatever it weighs. */
function bytesToKeep(total: number, free: number, limits: CacheLimits): number {
  const { reserved, mostUsed, leastFree } = limits;
  if (reserved === 0 && mostUsed === 0 && leastFree === 0) return -1;
  const missing = leastFree - free;
  let keep = mostUsed;
  if (missing > 0) keep = Math.min(mostUsed || total, total - missing);
  else if (leastFree !== 0 && mostUsed === 0) keep = total;
  return Math.max(keep, reserved);
}

function freeBytes({ paths }: PruneDependencies): number {
  const { bavail, bsize } = statfsSync(paths.data);
  return bavail * bsize;
}

const GB = 1e9;
const day = 24 * 60 * 60 * 1000;

/**
 * After a build, in the background: BuildKit's default policy. What is easily had again goes after two days beyond 512 MB,
 * the rest when it was not used for 60 days or takes more than its part of the disk.
 */
export async function collectBuildCache(deps: PruneDependencies): Promise<void> {
  deps.buildCache.countUses();
  for (const layers of deps.buildCache.takeReplaced()) await collectLayers(deps.images, layers);
  if (!deps.buildCache.isCollectionDue()) return;
  const limits = defaultLimits(deps);
  await pruneCache(
    deps,
    {
      all: false,
      limits: { reserved: 0, mostUsed: 0.512 * GB, leastFree: 0 },
      kinds: ['source.local', 'exec.cachemount', 'source.git.checkout'],
      unusedSince: Date.now() - 2 * day,
    },
    { all: false, limits, unusedSince: Date.now() - 60 * day },
    { all: false, limits },
    { all: true, limits },
  );
}

/** A tenth of the disk is the cache's, at most 10 GB; it takes six tenths at most, or 100 GB, and leaves two free. */
function defaultLimits({ paths }: PruneDependencies): CacheLimits {
  const { blocks, bsize } = statfsSync(paths.data);
  const disk = blocks * bsize;
  return {
    reserved: Math.min(disk * 0.1, 10 * GB),
    mostUsed: Math.min(disk * 0.6, 100 * GB),
    leastFree: disk * 0.2,
  };
}
