/**
 * What builds leave to be done behind their answers: contexts are removed, the cache is collected. What a kill keeps from
 * being done, sweep.ts and the next collection do. Disposing waits for all of it.
 */
import { messageOf } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';

export class Afterwards implements AsyncDisposable {
  readonly #log: Log;
  readonly #running = new Set<Promise<void>>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** @param complaint for the log, where it fails. */
  do(work: () => Promise<void>, complaint: string): void {
    const running = work()
      .catch((error: unknown) => this.#log.warn({ error: messageOf(error) }, complaint))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Ends with the block that it is of, and what ends with it ends behind. */
  disposing(resource: AsyncDisposable, complaint: string): Disposable {
    return {
      [Symbol.dispose]: () => this.do(async () => await resource[Symbol.asyncDispose](), complaint),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#running);
  }
}
