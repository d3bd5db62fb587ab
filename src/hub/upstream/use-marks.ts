/** Which blobs and manifests of the cache were used, written together now and then: so that those unused for longest can go. */
import type { Log } from '../../lib/log.ts';
import type { HubDatabase } from '../db/database.ts';
import { DelayedWrite } from '../db/delayed-write.ts';
import { markUsed } from './cache-store.ts';

/** In milliseconds. */
const writeAfter = 5000;
/** Further ones wait until these are written. */
const maxWaiting = 50_000;

export class UseMarks implements AsyncDisposable {
  readonly #database: HubDatabase;
  readonly #written: DelayedWrite;
  #blobs = new Set<string>();
  #manifests = new Set<string>();

  constructor(database: HubDatabase, log: Log) {
    this.#database = database;
    this.#written = new DelayedWrite({
      after: writeAfter,
      write: () => this.#write(),
      log,
      failure: 'cannot write what of the cache was used',
    });
  }

  blob(digest: string): void {
    this.#add(this.#blobs, digest);
  }

  manifest(digest: string): void {
    this.#add(this.#manifests, digest);
  }

  /** Writes what was used so far. */
  flush(): Promise<void> {
    return this.#written.flush();
  }

  #add(set: Set<string>, digest: string): void {
    if (set.size < maxWaiting) set.add(digest);
    this.#written.schedule();
  }

  async #write(): Promise<void> {
    const used = { blobs: [...this.#blobs], manifests: [...this.#manifests] };
    if (used.blobs.length + used.manifests.length === 0) return;
    await this.#database.transaction((transaction) => markUsed(transaction, used, Date.now()));
    for (const digest of used.blobs) this.#blobs.delete(digest);
    for (const digest of used.manifests) this.#manifests.delete(digest);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#written[Symbol.asyncDispose]();
  }
}
