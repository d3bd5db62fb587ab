/** Counts pulls in memory and writes the sums now and then: a pull itself writes nothing. What a kill -9 loses is a second's count. */
import type { Digest } from '../../oci/image/digest.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { HubDatabase } from '../db/database.ts';
import { addPulls, type Pulled } from './repository-store.ts';

const flushAfter = 1000;

export class PullCounter implements AsyncDisposable {
  readonly #database: HubDatabase;
  readonly #log: Log;
  #counts = new Map<string, Pulled & { count: number }>();
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> = Promise.resolve();

  constructor(database: HubDatabase, log: Log) {
    this.#database = database;
    this.#log = log;
  }

  /** @param isImage an index only tells where its images are: pulling one counts the image, not twice. */
  count(repositoryId: number, digest: Digest, isImage: boolean): void {
    const key = `${repositoryId} ${digest}`;
    const known = this.#counts.get(key);
    if (known) known.count += 1;
    else this.#counts.set(key, { repositoryId, digest, isImage, count: 1 });
    this.#timer ??= setTimeout(() => void this.#flushLogged(), flushAfter);
  }

  /** Writes what was counted so far, after whatever is being written already. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const flushed = this.#flushing.then(() => this.#write());
    this.#flushing = flushed.catch(() => undefined);
    return flushed;
  }

  async #write(): Promise<void> {
    if (this.#counts.size === 0) return;
    const counts = this.#counts;
    this.#counts = new Map();
    const now = Date.now();
    await this.#database.transaction(async (transaction) => {
      for (const pulled of counts.values()) await addPulls(transaction, pulled, now);
    });
  }

  async #flushLogged(): Promise<void> {
    try {
      await this.flush();
    } catch (error) {
      this.#log.warn({ reason: messageOf(error) }, 'cannot write pull counts');
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#flushLogged();
  }
}
