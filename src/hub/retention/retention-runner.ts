/** Runs policies of a hub that serves: by the clock those whose time has come, and when somebody asks for it. */
import { ConflictError, messageOf } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { Asked, StoredPolicy } from './retention-store.ts';
import { type RetentionParts, runRetention } from './run-retention.ts';

interface RunnerOptions {
  /** In milliseconds: how long what was deleted can be brought back. */
  readonly grace: number;
  /** In milliseconds, between two runs of a policy; 0: only when asked to. */
  readonly interval: number;
}

/** How often it is looked which policies are due: copies of the hub, and those that were restarted, look again soon. */
const lookEvery = 10 * 60_000;

export class RetentionRunner implements AsyncDisposable {
  readonly #parts: RetentionParts;
  readonly #options: RunnerOptions;
  readonly #log: Log;
  readonly #stop = new AbortController();
  readonly #clock: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(parts: RetentionParts, options: RunnerOptions, log: Log) {
    this.#parts = parts;
    this.#options = options;
    this.#log = log;
    if (options.interval === 0) return;
    this.#clock = setInterval(() => this.#runDue(), Math.min(options.interval, lookEvery)).unref();
  }

  /** Begins a run and does not wait for its end. @throws ConflictError while another one goes on. */
  start(policy: StoredPolicy, asked: Asked): void {
    if (this.#running || this.#stop.signal.aborted) throw new ConflictError(isBusy);
    this.#begin(() => this.#run(policy, asked));
  }

  /** Waits for the end of the run under way. */
  async settled(): Promise<void> {
    await this.#running;
  }

  #runDue(): void {
    if (this.#running) return;
    const { database, retention } = this.#parts;
    this.#begin(async () => {
      // What another copy of the hub runs meanwhile is not due any more when it is looked at after that.
      await database.alone('retention-by-the-clock', async (lost) => {
        const due = await retention.due(new Date(Date.now() - this.#options.interval));
        for (const policy of due) {
          if (this.#stop.signal.aborted || lost.aborted) return;
          await this.#run(policy, { cause: 'schedule' });
        }
      });
    });
  }

  #begin(work: () => Promise<void>): void {
    this.#running = work()
      .catch((error: unknown) =>
        this.#log.warn({ reason: messageOf(error) }, 'cannot run a retention policy'),
      )
      .finally(() => (this.#running = undefined));
  }

  async #run(policy: StoredPolicy, asked: Asked): Promise<void> {
    const options = { ...asked, grace: this.#options.grace, signal: this.#stop.signal };
    if (!(await runRetention(this.#parts, policy, options))) this.#log.info({}, isBusy);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#clock);
    this.#stop.abort();
    await this.#running;
  }
}

export const isBusy = 'a retention policy is running already: wait for its end';
