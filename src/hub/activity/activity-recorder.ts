/**
 * Hears of every event and writes those that are a repository's activity, many in one transaction a moment later: a push itself
 * writes nothing more. Who reads the activity has it written first. A clean stop writes what is left; a kill -9 loses a moment.
 */
import type { Log } from '../../lib/log.ts';
import type { HubDatabase } from '../db/database.ts';
import { DelayedWrite } from '../db/delayed-write.ts';
import type { Events, HubEvent } from '../events.ts';
import { activityOf, type NewActivity } from './activity-of-event.ts';
import { addActivities } from './activity-store.ts';

type Waiting = NewActivity & { readonly at: number };

/** In milliseconds. */
const flushAfter = 500;
/** In one transaction: nobody is answered while it is written. */
const batchSize = 50;
/** Kept while the database does not take them; further ones are lost. */
const maxWaiting = 10_000;

export class ActivityRecorder implements AsyncDisposable {
  readonly #database: HubDatabase;
  readonly #listening: Disposable;
  readonly #written: DelayedWrite;
  readonly #waiting: Waiting[] = [];

  constructor(database: HubDatabase, events: Events, log: Log) {
    this.#database = database;
    this.#written = new DelayedWrite({
      after: flushAfter,
      write: () => this.#write(),
      log,
      failure: 'cannot write activity',
    });
    this.#listening = events.listen((event) => this.#hear(event));
  }

  /** Writes what was heard so far. */
  flush(): Promise<void> {
    return this.#written.flush();
  }

  #hear(event: HubEvent): void {
    const activity = activityOf(event);
    if (!activity || this.#waiting.length >= maxWaiting) return;
    this.#waiting.push({ ...activity, at: Date.now() });
    this.#written.schedule();
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const some = this.#waiting.slice(0, batchSize);
      await this.#database.transaction((transaction) => addActivities(transaction, some));
      this.#waiting.splice(0, some.length);
      // Requests come in between.
      await Bun.sleep(0);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listening[Symbol.dispose]();
    await this.#written[Symbol.asyncDispose]();
  }
}
