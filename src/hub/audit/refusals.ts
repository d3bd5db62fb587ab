/**
 * Writes down who was refused what. Anybody can be refused as often as they like: what is the same within a few seconds is one
 * entry with a number, an address and all of them together have so many entries a minute, and the rest is only counted.
 */
import { createHash } from 'node:crypto';
import type { Log } from '../../lib/log.ts';
import { looksLikeAccountName } from '../accounts/account-name.ts';
import type { HubDatabase } from '../db/database.ts';
import { DelayedWrite } from '../db/delayed-write.ts';
import type { Events, HubEvent } from '../events.ts';
import { networkOf } from '../limits/client-address.ts';
import { WindowCounter } from '../limits/window-counter.ts';
import { addEntries, type NewEntry } from './add-entries.ts';
import { type Actor, currentActor, hubItself } from './current-actor.ts';
import { namespaceOf } from './entries-of-event.ts';

/** In milliseconds. */
const flushAfter = 2000;
const minute = 60_000;
/** Entries in a minute. */
const maxOfAddress = 30;
const maxOfAll = 240;

interface Refusal {
  readonly actor: Actor;
  readonly entry: NewEntry;
  readonly at: number;
  times: number;
}

export class Refusals implements AsyncDisposable {
  readonly #database: HubDatabase;
  readonly #listening: Disposable;
  readonly #written: DelayedWrite;
  readonly #ofAddress = new WindowCounter({ max: maxOfAddress, window: minute });
  readonly #ofAll = new WindowCounter({ max: maxOfAll, window: minute });
  #waiting = new Map<string, Refusal>();
  #unlisted = 0;
  #unlistedTold = 0;

  constructor(database: HubDatabase, events: Events, log: Log) {
    this.#database = database;
    this.#written = new DelayedWrite({
      after: flushAfter,
      write: () => this.#write(),
      log,
      failure: 'cannot write refusals into the audit log',
    });
    this.#listening = events.listen((event) => this.#hear(event));
  }

  /** Writes what was heard so far. */
  flush(): Promise<void> {
    return this.#written.flush();
  }

  #hear(event: HubEvent): void {
    const entry = entryOf(event);
    if (!entry) return;
    const actor = currentActor() ?? hubItself;
    // A key of its own length, whatever a client sends.
    const { name, address } = actor;
    const key = createHash('sha256')
      .update(JSON.stringify([name, address, entry]))
      .digest('base64');
    const known = this.#waiting.get(key);
    if (known) known.times += 1;
    else if (this.#hasRoom(actor)) this.#waiting.set(key, { actor, entry, at: Date.now(), times: 1 });
    else this.#unlisted += 1;
    this.#written.schedule();
  }

  #hasRoom({ address = '' }: Actor): boolean {
    const network = networkOf(address);
    if (this.#ofAddress.left(network).remaining === 0 || this.#ofAll.left('').remaining === 0) return false;
    this.#ofAddress.add(network);
    this.#ofAll.add('');
    return true;
  }

  async #write(): Promise<void> {
    const refusals = [...this.#waiting.values()];
    const unlisted = Date.now() >= this.#unlistedTold + minute ? this.#unlisted : 0;
    await this.#database.transaction(async (transaction) => {
      for (const { actor, entry, at, times } of refusals) {
        await addEntries(transaction, [{ ...entry, times, isRefused: true }], { actor, at });
      }
      if (unlisted === 0) return;
      const rest: NewEntry = {
        action: 'access.unlisted',
        account: '',
        name: '',
        isRefused: true,
        times: unlisted,
      };
      await addEntries(transaction, [rest], { actor: hubItself, at: Date.now() });
    });
    for (const [key, refusal] of this.#waiting) if (refusals.includes(refusal)) this.#waiting.delete(key);
    this.#unlisted -= unlisted;
    if (unlisted > 0) this.#unlistedTold = Date.now();
    if (this.#unlisted > 0) this.#written.schedule();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listening[Symbol.dispose]();
    this.#unlistedTold = 0;
    await this.#written[Symbol.asyncDispose]();
  }
}

function entryOf(event: HubEvent): NewEntry | undefined {
  if (event.kind === 'sign-in-failed') {
    const account = looksLikeAccountName(event.account) ? event.account : '';
    return { action: 'access.sign_in.fail', account, name: event.account };
  }
  if (event.kind === 'provider-sign-in-failed') {
    const data = { provider: event.failure };
    return { action: 'access.sign_in.fail', account: '', name: '', data };
  }
  if (event.kind !== 'access-refused') return undefined;
  const { object, reason, action } = event;
  const account = object.startsWith('/') ? '' : namespaceOf(object);
  return { action: 'access.refuse', account, name: object, data: { action, reason } };
}
