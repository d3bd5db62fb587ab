/** What is kept in memory for a moment and then written together: one write at a time, soon after the first thing to write. */
import { messageOf } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import { byItself } from '../request-context.ts';

export interface DelayedWriteOptions {
  /** In milliseconds after the first `schedule` since the last write. */
  readonly after: number;
  /** Writes all there is; what it could not write it keeps for the next time. */
  readonly write: () => Promise<void>;
  readonly log: Log;
  /** Logged when a scheduled write fails. */
  readonly failure: string;
}

export class DelayedWrite implements AsyncDisposable {
  readonly #options: DelayedWriteOptions;
  #timer: NodeJS.Timeout | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(options: DelayedWriteOptions) {
    this.#options = options;
  }

  schedule(): void {
    this.#timer ??= byItself(() => setTimeout(() => void this.#flushLogged(), this.#options.after));
  }

  /** Writes now, after whatever is being written already. @throws what the write throws. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const flushed = this.#last.then(() => this.#options.write());
    this.#last = flushed.catch(() => undefined);
    return flushed;
  }

  async #flushLogged(): Promise<void> {
    try {
      await this.flush();
    } catch (error) {
      this.#options.log.warn({ reason: messageOf(error) }, this.#options.failure);
    }
  }

  /** A clean stop writes what is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#flushLogged();
  }
}
