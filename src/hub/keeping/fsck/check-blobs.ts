/**
 * Bytes against rows: each blob that a repository holds is there, whole and as long as noted; and what nobody holds is whole as
 * well, since the next push of it would be told that it is there.
 */
import { ConflictError, errnoOf, NotFoundError } from '../../../lib/errors.ts';
import type { BlobInfo, ContentStore } from '../../../oci/content/content-store.ts';
import { algorithmOf, type Digest, Digester } from '../../../oci/image/digest.ts';
import {
  type HeldBlob,
  heldBlobs,
  holdersOf,
  noteSize,
  unheldOf,
  unlinkEverywhere,
} from '../../repositories/blob-holders.ts';
import { beginRemovals, endRemovals } from '../../repositories/blob-removals.ts';
import type { CheckParts, Problem } from './problem.ts';

const batchSize = 500;
const looks = 3;

/** @param isQuick reads no bytes. */
export async function* checkHeldBlobs(parts: CheckParts, isQuick: boolean): AsyncGenerator<Problem> {
  for await (const blob of heldBlobs(parts.database.queries)) {
    const found = await parts.contents.stat(blob.digest);
    const isFound = found !== undefined && (isQuick || (await isWhole(parts.contents, blob.digest)));
    if (isFound && found.size === blob.least && found.size === blob.most) continue;
    const problem = await confirm(parts, blob, isFound);
    if (problem) yield problem;
  }
}

/** @param onOrphan told of each that is whole: a push that is under way, or what the next collection removes. */
export async function* checkUnheldBlobs(
  parts: CheckParts,
  isQuick: boolean,
  onOrphan: (orphan: BlobInfo) => void,
): AsyncGenerator<Problem> {
  for await (const batch of batches(parts.contents.list())) {
    const unheld = await unheldOf(
      parts.database.queries,
      batch.map(({ digest }) => digest),
    );
    for (const orphan of batch.filter(({ digest }) => unheld.has(digest))) {
      if (isQuick || (await isWhole(parts.contents, orphan.digest))) onOrphan(orphan);
      else yield await changed(parts, orphan.digest);
    }
  }
}

/**
 * Looked at again: its last holder may have let go of it, a collection removed it, and a push brought it back. Whatever a repository
 * holds has bytes in the same moment, so one that has none again and again has lost them.
 */
async function confirm(
  parts: CheckParts,
  { digest, least, most }: HeldBlob,
  isWholeNow: boolean,
): Promise<Problem | undefined> {
  let holders: readonly string[] = [];
  let found: BlobInfo | undefined;
  for (let look = 0; look < looks && !found; look++) {
    holders = await holdersOf(parts.database.queries, digest);
    if (holders.length === 0) return undefined;
    found = await parts.contents.stat(digest);
  }
  if (!found) {
    return {
      kind: 'blob-missing',
      message: `${digest} is missing`,
      digest,
      repositories: holders,
      repair: { what: 'lets go of it, so that the next push sends it', run: () => takeAway(parts, digest) },
    };
  }
  if (!isWholeNow && !(await isWhole(parts.contents, digest))) return await changed(parts, digest);
  if (found.size === least && found.size === most) return undefined;
  return {
    kind: 'blob-size',
    message: `${digest} has ${found.size} bytes, ${least === found.size ? most : least} are noted`,
    digest,
    repositories: holders,
    repair: {
      what: 'notes the size that it has',
      run: () => parts.database.exclusively((queries) => noteSize(queries, digest, found.size)),
    },
  };
}

async function changed(parts: CheckParts, digest: Digest): Promise<Problem> {
  return {
    kind: 'blob-changed',
    message: `${digest} has other bytes than its digest says`,
    digest,
    repositories: await holdersOf(parts.database.queries, digest),
    repair: { what: 'removes it, so that the next push sends it', run: () => takeAway(parts, digest) },
  };
}

/** A pull of it fails with 404 instead of giving wrong bytes, and a push sends it anew. */
async function takeAway({ database, contents }: CheckParts, digest: Digest): Promise<void> {
  if (!contents.isRemote) {
    return await database.exclusively(async (queries) => {
      await unlinkEverywhere(queries, digest);
      await contents.delete(digest);
    });
  }
  await database.exclusively((queries) => unlinkEverywhere(queries, digest));
  const removals = await beginRemovals(database, [digest]);
  if (removals.length === 0) {
    throw new ConflictError(`cannot remove ${digest}: it is pushed in this moment, or a backup is running`);
  }
  await contents.delete(digest);
  await endRemovals(database, removals);
}

async function isWhole(contents: ContentStore, digest: Digest): Promise<boolean> {
  const digester = new Digester(algorithmOf(digest));
  try {
    const blob = await contents.open(digest);
    for await (const chunk of blob.stream()) digester.update(chunk);
  } catch (error) {
    // Collected as garbage meanwhile.
    if (error instanceof NotFoundError || errnoOf(error) === 'ENOENT') return true;
    // A sector that the disk can't read.
    if (errnoOf(error) === 'EIO') return false;
    throw error;
  }
  return digester.digest() === digest;
}

async function* batches(source: AsyncIterable<BlobInfo>): AsyncGenerator<BlobInfo[], void, undefined> {
  let batch: BlobInfo[] = [];
  for await (const each of source) {
    if (batch.push(each) < batchSize) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
