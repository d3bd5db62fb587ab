/** What steps of builds came to, by the key of what went in: rows in engine.db that keep layers from being collected. */
import type { Database } from 'bun:sqlite';
import { UnsupportedError } from '../../../lib/errors.ts';
import type { Digest } from '../../../oci/image/digest.ts';
import type { ImageLayer } from '../../images/image.ts';

/** BuildKit's names. */
export type CacheKind =
  | 'regular'
  | 'source.local'
  | 'source.git.checkout'
  | 'exec.cachemount'
  | 'frontend'
  | 'internal';

export interface CacheResult {
  /** Of the record, as `disk use` and `prune` show it. */
  readonly id: string;
  /** The whole chain, that of the steps before and the base below included, bottom first. */
  readonly layers: readonly ImageLayer[];
  /** False for a step that changed no file: the chain is that of the step before. */
  readonly hasLayer: boolean;
}

export interface NewCacheRecord extends Omit<CacheResult, 'id'> {
  readonly kind: CacheKind;
  /** As BuildKit has it: `mount / from exec /bin/sh -c make`. */
  readonly description: string;
  /** The record of the step before; undefined on a base. */
  readonly parent?: string | undefined;
}

export class BuildCache {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The result of a step that went in before with the same key, and counts the use. Undefined where a layer of it is gone. */
  get(_key: Digest): CacheResult | undefined {
    throw new UnsupportedError(`not yet: ${this.#database.filename}`);
  }

  /** Keeps a result: its layers are there, and stay while the record does. One of the same key is replaced. @returns its id. */
  put(_key: Digest, _record: NewCacheRecord): string {
    throw new UnsupportedError('not yet');
  }

  /** Keeps records from being pruned until disposed of: a build stands on them. */
  hold(_ids: Iterable<string>): Disposable {
    throw new UnsupportedError('not yet');
  }
}
