/**
 * Collects garbage while the hub serves: what no manifest has needed for a grace period is taken from its repository, and bytes
 * that no repository holds are removed. What a push may rely on is younger than that: a blob that was sent, mounted or asked
 * about, and one whose last manifest has just gone. A run that is cut off at any instant has only done less.
 */
import type { ContentStore } from '../../oci/content/content-store.ts';
import type { Digest } from '../../oci/image/digest.ts';
import type { HubDatabase } from '../db/database.ts';
import { beginRemovals, endRemovals, forgetRemovals } from '../repositories/blob-removals.ts';
import type { GarbageStore, Span } from '../repositories/garbage-store.ts';

export interface CollectParts {
  readonly database: HubDatabase;
  readonly contents: ContentStore;
  readonly garbage: GarbageStore;
}

export interface CollectOptions {
  /** What was last used before this moment may go. */
  readonly before: Date;
  /** Manifests that no tag leads to as well. Without it they stay, since clients may know them by digest. */
  readonly untagged: boolean;
  /** Tells what would go, and removes nothing. */
  readonly dryRun: boolean;
  readonly signal?: AbortSignal;
  /** Told now and then. */
  readonly onProgress?: (collected: Collected) => void;
}

export interface Collected {
  readonly manifests: number;
  readonly blobs: number;
  /** Of the blobs. */
  readonly bytes: number;
}

const batchSize = 500;
/** Removed from an object store at a time. */
const removedAtOnce = 8;

export async function collectGarbage(parts: CollectParts, options: CollectOptions): Promise<Collected> {
  const manifests = await collectRows(parts.garbage, options);
  return { manifests, ...(await collectBytes(parts, options, manifests)) };
}

async function collectRows(garbage: GarbageStore, options: CollectOptions): Promise<number> {
  const { before, dryRun, signal, onProgress } = options;
  let manifests = 0;
  for await (const span of garbage.spans()) {
    if (signal?.aborted) break;
    if (options.untagged) {
      manifests += dryRun
        ? await garbage.countUntagged(span, before)
        : await removeUntagged(garbage, span, before);
    }
    if (!dryRun) await garbage.removeUnused(span, before);
    onProgress?.({ manifests, blobs: 0, bytes: 0 });
    await breathe();
  }
  return manifests;
}

/** Again while there are some: without its index an image may have no use, nor a signature without its image. */
async function removeUntagged(garbage: GarbageStore, span: Span, before: Date): Promise<number> {
  let total = 0;
  for (;;) {
    const removed = await garbage.removeUntagged(span, before);
    total += removed;
    if (removed === 0) return total;
    await breathe();
  }
}

async function collectBytes(
  parts: CollectParts,
  { before, dryRun, signal, onProgress }: CollectOptions,
  manifests: number,
): Promise<{ blobs: number; bytes: number }> {
  const { contents, database, garbage } = parts;
  let blobs = 0;
  let bytes = 0;
  if (!dryRun) await forgetRemovals(database);
  for await (const some of batches(contents.list(before), batchSize)) {
    const sizes = new Map(some.map(({ digest, size }) => [digest, size]));
    const unheld = await garbage.unheld([...sizes.keys()], before);
    for await (const few of batches(unheld, contents.isRemote ? removedAtOnce : 1)) {
      if (signal?.aborted) return { blobs, bytes };
      const removed = dryRun ? few.map((digest) => sizes.get(digest)) : await removeBlobs(parts, few, before);
      for (const size of removed) {
        if (size === undefined) continue;
        blobs += 1;
        bytes += size;
      }
    }
    onProgress?.({ manifests, blobs, bytes });
    await breathe();
  }
  return { blobs, bytes };
}

/** Their sizes. A push that sends a blob again, or finds it here, may come first: then it stays. */
export async function removeBlobs(
  { contents, database, garbage }: CollectParts,
  digests: readonly Digest[],
  before: Date,
): Promise<readonly (number | undefined)[]> {
  const remove = (digest: Digest): Promise<number | undefined> => contents.deleteOlder(digest, before);
  if (!contents.isRemote) {
    return await Promise.all(digests.map((digest) => garbage.whileUnheld(digest, () => remove(digest))));
  }
  const removals = await beginRemovals(database, digests);
  const results = await Promise.allSettled(removals.map(({ digest }) => remove(digest)));
  // Where one fails the store may still do it: that one is not said to have ended.
  const ended = results.map(({ status }) => status === 'fulfilled');
  await endRemovals(
    database,
    removals.filter((_, index) => ended[index]),
  );
  const failed = results.find((result) => result.status === 'rejected');
  // A store that does none of them is left alone; what a busy one refuses is for the next collection.
  if (failed && !ended.includes(true)) throw failed.reason;
  return results.map((result) => (result.status === 'fulfilled' ? result.value : undefined));
}

async function* batches<T>(
  source: AsyncIterable<T> | Iterable<T>,
  size: number,
): AsyncGenerator<T[], void, undefined> {
  let batch: T[] = [];
  for await (const each of source) {
    batch.push(each);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Requests come first. */
function breathe(): Promise<void> {
  return Bun.sleep(1);
}
