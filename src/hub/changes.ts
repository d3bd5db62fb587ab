/**
 * What changes on the hub is written down in the transaction that changes it (the audit log, what webhooks have to tell), and told
 * to those who listen once it is on the disk. So whatever was acknowledged is in the log, and nothing is that did not happen.
 */
import { addEntries } from './audit/add-entries.ts';
import { currentRequest } from './request-context.ts';
import { queueDeliveries } from './webhooks/queue-deliveries.ts';
import { entriesOf } from './audit/entries-of-event.ts';
import { type Actor, currentActor } from './audit/current-actor.ts';
import type { HubDatabase } from './db/database.ts';
import type { Events, HubEvent } from './events.ts';

/** What happened, or how to tell it from what the work returned. */
export type Told<T> = HubEvent | ((result: T) => readonly HubEvent[]);

export class Changes {
  readonly #database: HubDatabase;
  readonly #events: Events;
  readonly #self: Actor;

  /** @param self who acts where no request is answered. */
  /** Told when there is something to send. */
  onQueued: (() => void) | undefined;

  constructor(database: HubDatabase, events: Events, self: Actor) {
    this.#database = database;
    this.#events = events;
    this.#self = self;
  }

  /**
   * Runs the work and writes down what it did, in one transaction: what stores change meanwhile is part of it. Others wait for it,
   * so it does nothing else. @throws whatever the work throws; then nothing happened.
   */
  make<T>(work: () => Promise<T>, told: Told<T>): Promise<T> {
    return this.#database.transaction(async () => {
      const result = await work();
      await this.record(...(typeof told === 'function' ? told(result) : [told]));
      return result;
    });
  }

  /** What happened as part of the transaction around, or by itself. */
  async record(...events: readonly HubEvent[]): Promise<void> {
    const actor = currentActor() ?? this.#self;
    const now = Date.now();
    await this.#database.transaction(async (transaction) => {
      const entries = events.flatMap((event) => entriesOf(event));
      await addEntries(transaction, entries, { actor, at: now });
      const facts = { at: now, actor: actor.name, origin: currentRequest()?.origin ?? '' };
      if (await queueDeliveries(transaction, events, facts))
        this.#database.afterwards(() => this.onQueued?.());
    });
    this.#database.afterwards(() => {
      for (const event of events) this.#events.report(event);
    });
  }
}
