/** `RUN --mount=type=cache`: directories under DATA/build/mounts that outlive builds, listed and pruned like the rest of the cache. */
import { UnsupportedError } from '../../../lib/errors.ts';

export interface CacheMountRequest {
  /** The target unless the Dockerfile gives one. */
  readonly id: string;
  /** Used by all at once; one after the other; or each that comes while it is used gets another. */
  readonly sharing: 'shared' | 'locked' | 'private';
  readonly uid: number;
  readonly gid: number;
  /** Permission bits. */
  readonly mode: number;
  /** Names what `fill` fills it with: a cache of another source is another cache. Empty without one. */
  readonly from: string;
  /** Puts the initial content into a new directory. */
  readonly fill?: (directory: string) => Promise<void>;
  /** Ends the waiting for a locked one. */
  readonly signal: AbortSignal;
}

/** In use until disposed of. */
export interface CacheMount extends Disposable {
  /** The directory to bind. */
  readonly source: string;
}

export class CacheMounts {
  acquire(_request: CacheMountRequest): Promise<CacheMount> {
    throw new UnsupportedError('not yet');
  }
}
