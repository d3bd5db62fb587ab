/**
 * Counts pulls in memory and writes the sums every second: a pull itself writes nothing. A clean stop writes what is left; a
 * kill -9 loses the counts of a second, never an image.
 */
import type { Digest } from '../../oci/image/digest.ts';
import type { Log } from '../../lib/log.ts';
import type { HubDatabase } from '../db/database.ts';
import { DelayedWrite } from '../db/delayed-write.ts';
import type { ManifestReference } from './manifest-store.ts';
import { addPulls, type Pulled } from './pull-store.ts';

type Counted = Pulled & { count: number };

/** In milliseconds. */
const flushAfter = 1000;
/** In one transaction, while which SQLite answers nobody. On PostgreSQL each one makes all copies forget what they have read. */
const batchSize = 200;
/** Kept while the database does not take them. */
const maxWaiting = 100_000;

export class PullCounter implements AsyncDisposable {
  readonly #database: HubDatabase;
  readonly #written: DelayedWrite;
  #counts = new Map<string, Counted>();

  constructor(database: HubDatabase, log: Log) {
    this.#database = database;
    this.#written = new DelayedWrite({
      after: flushAfter,
      write: () => this.#write(),
      log,
      failure: 'cannot write pull counts',
    });
  }

  /** Sums that are not written yet. */
  get waiting(): number {
    return this.#counts.size;
  }

  /** @param isImage false for an index. */
  count(repositoryId: number, { tag }: ManifestReference, digest: Digest, isImage: boolean): void {
    this.#add({ repositoryId, digest, tag, isImage, count: 1 });
    this.#written.schedule();
  }

  /** Writes what was counted so far, after whatever is being written already. */
  flush(): Promise<void> {
    return this.#written.flush();
  }

  #add(pulled: Counted): void {
    const key = `${pulled.repositoryId} ${pulled.digest} ${pulled.tag ?? ''}`;
    const known = this.#counts.get(key);
    if (known) known.count += pulled.count;
    else if (this.#counts.size < maxWaiting) this.#counts.set(key, pulled);
  }

  async #write(): Promise<void> {
    const counts = [...this.#counts.values()];
    this.#counts = new Map();
    const now = Date.now();
    for (let done = 0; done < counts.length; done += batchSize) {
      try {
        const some = counts.slice(done, done + batchSize);
        await this.#database.transaction((transaction) => addPulls(transaction, some, now));
      } catch (error) {
        // The next pull's flush writes them.
        for (const pulled of counts.slice(done)) this.#add(pulled);
        throw error;
      }
      // Requests come in between.
      await Bun.sleep(0);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#written[Symbol.asyncDispose]();
  }
}
