/**
 * Checks a hub while it serves: the database's files, rows among themselves, manifests against rows, rows against bytes, bytes
 * against digests. What a push that is under way has not finished is no problem, and none is told.
 */
import type { BlobInfo } from '../../../oci/content/content-store.ts';
import type { GarbageStore } from '../../repositories/garbage-store.ts';
import { checkHeldBlobs, checkUnheldBlobs } from './check-blobs.ts';
import { checkManifests } from './check-manifests.ts';
import { checkRows } from './check-rows.ts';
import type { CheckParts, Problem } from './problem.ts';

export interface FsckParts extends CheckParts {
  readonly garbage: GarbageStore;
}

export interface FsckOptions {
  /** Reads no bytes of blobs. */
  readonly isQuick: boolean;
  /** Told of each blob that no repository holds: no problem, the next collections remove it once it is old enough. */
  readonly onOrphan?: (orphan: BlobInfo) => void;
}

/** Bytes first: what a repair of those lets go of is missing in the manifests then. */
export async function* fsck(
  parts: FsckParts,
  { isQuick, onOrphan }: FsckOptions,
): AsyncGenerator<Problem, void, undefined> {
  for (const message of await parts.database.faults(isQuick)) {
    yield { kind: 'database-damaged', message, repositories: [] };
  }
  yield* checkHeldBlobs(parts, isQuick);
  yield* checkUnheldBlobs(parts, isQuick, onOrphan ?? (() => undefined));
  yield* checkManifests(parts);
  yield* checkRows(parts);
}
