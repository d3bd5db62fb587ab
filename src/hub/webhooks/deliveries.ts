/**
 * Sends what is queued: in one copy of the hub, several at a time but to one receiver one after the other, again and again with
 * longer pauses until it has arrived, or sixteen hours are over. What was being sent when the hub was killed is sent again, with the
 * same id.
 */
import { sql } from 'kysely';
import { DeniedError, messageOf } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { Changes } from '../changes.ts';
import type { HubDatabase } from '../db/database.ts';
import type { Networks } from '../limits/client-address.ts';
import { byItself, currentSpan, type TraceAlone } from '../request-context.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { giveUp } from './queue-deliveries.ts';
import { type Outcome, send, type Sending } from './send.ts';
import { resolveTarget } from './target.ts';
import { openSecret } from './webhook-secret.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
/** In milliseconds, after the first try, the second … After the last one it is given up. */
const pauses = [
  5 * second,
  30 * second,
  2 * minute,
  10 * minute,
  30 * minute,
  hour,
  2 * hour,
  4 * hour,
  8 * hour,
];
/** Without a success for so long a webhook is switched off. */
const patience = 3 * 24 * hour;
/** How soon what another copy has queued is looked at. */
const interval = 5 * second;
/** So long somebody waits for what a name leads to. */
const lookTime = 3 * second;
/** Receivers that are sent to at a time. */
const atOnce = 8;

interface Due extends Sending {
  readonly id: number;
  readonly webhook_id: number;
  readonly attempts: number;
  readonly next_at: number;
  readonly name: string;
  readonly failing_since: number | null;
  /** A namespace, or a repository's path. */
  readonly of: string;
}

export interface DeliveryParts {
  readonly database: HubDatabase;
  readonly changes: Changes;
  readonly secrets: Secrets;
  readonly traceAlone: TraceAlone;
}

export class Deliveries implements AsyncDisposable {
  readonly #parts: DeliveryParts;
  readonly #allowed: Networks;
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #isRunning = false;
  #isWoken = false;
  #isStopped = false;

  /** @param allowed as of resolveTarget. */
  constructor(parts: DeliveryParts, allowed: Networks, log: Log) {
    this.#parts = parts;
    this.#allowed = allowed;
    this.#log = log;
    this.#schedule(interval);
  }

  /** @throws DeniedError where nothing would be sent. An address that is not known yet may be known later. */
  async requireAllowed(url: URL): Promise<void> {
    await Promise.race([resolveTarget(url, this.#allowed), Bun.sleep(lookTime)]).catch((error: unknown) => {
      if (error instanceof DeniedError) throw error;
    });
  }

  /** There is something to send. */
  wake(): void {
    this.#isWoken = true;
    if (!this.#isRunning) this.#schedule(0);
  }

  #schedule(delay: number): void {
    clearTimeout(this.#timer);
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => {
      this.#running = byItself(() => this.#run());
    }, delay);
    this.#timer.unref();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    this.#isWoken = false;
    try {
      await this.#parts.database.alone('webhooks', async (lost) => {
        while (!this.#isStopped && !lost.aborted && (await this.#sendDue()));
      });
    } catch (error) {
      this.#log.warn({ reason: messageOf(error) }, 'cannot deliver webhooks');
    }
    this.#isRunning = false;
    this.#schedule(this.#isWoken ? 0 : interval);
  }

  /** False when nothing was due. */
  async #sendDue(): Promise<boolean> {
    const due = await this.#parts.database.read(sql<Due>`
      SELECT d.id, d.uuid, d.webhook_id, d.event, d.body, d.attempts, d.next_at, w.url, w.secret, w.format, w.name, w.failing_since,
        CASE WHEN r.id IS NULL THEN w.namespace ELSE r.namespace || '/' || r.name END AS of
      FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id
        LEFT JOIN repositories r ON r.id = w.repository_id
      WHERE d.next_at <= ${Date.now()} AND NOT EXISTS (SELECT 1 FROM webhook_deliveries e
        WHERE e.webhook_id = d.webhook_id AND e.next_at <= ${Date.now()} AND e.id < d.id)
      ORDER BY d.next_at, d.id LIMIT ${atOnce}`);
    await Promise.all(due.map(async (each) => this.#finish(each, await this.#send(each))));
    return due.length > 0;
  }

  #send(due: Due): Promise<Outcome> {
    const attributes = { 'cais.webhook': due.name, 'cais.event': due.event, 'cais.delivery': due.uuid };
    return this.#parts.traceAlone('deliver webhook', attributes, async () => {
      const outcome = await this.#try(due);
      const { status, isDelivered } = outcome;
      if (status !== undefined) currentSpan()?.set({ 'http.response.status_code': status });
      if (!isDelivered) currentSpan()?.fail(undefined);
      return outcome;
    });
  }

  async #try(due: Due): Promise<Outcome> {
    try {
      return await send({ ...due, secret: await openSecret(this.#parts.secrets, due.secret) }, this.#allowed);
    } catch (error) {
      return { isDelivered: false, took: 0, failure: messageOf(error) };
    }
  }

  /** Whatever somebody has changed while it was being sent stays: it is newer than what this try tells. */
  async #finish(due: Due, outcome: Outcome): Promise<void> {
    const { database, changes } = this.#parts;
    const { isDelivered, status = null, took, response = null, failure = null } = outcome;
    const now = Date.now();
    const pause = pauses[due.attempts];
    const nextAt = isDelivered || pause === undefined ? null : now + pause;
    const isHopeless = !isDelivered && due.failing_since !== null && due.failing_since < now - patience;
    await database.transaction(async (transaction) => {
      await sql`UPDATE webhook_deliveries SET attempts = attempts + 1, tried_at = ${now},
          status = ${status}, took = ${took}, response = ${response}, failure = ${failure}
        WHERE id = ${due.id}`.execute(transaction);
      // Neither what was given up meanwhile, nor what was asked for again.
      await sql`UPDATE webhook_deliveries SET next_at = ${nextAt}
        WHERE id = ${due.id} AND next_at = ${due.next_at}`.execute(transaction);
      const tried =
        await sql`UPDATE webhooks SET failing_since = ${isDelivered ? null : (due.failing_since ?? now)}
        WHERE id = ${due.webhook_id} AND url = ${due.url}
          AND failing_since IS NOT DISTINCT FROM ${due.failing_since}`.execute(transaction);
      if (!isHopeless || tried.numAffectedRows === 0n) return;
      const { numAffectedRows } = await sql`UPDATE webhooks SET is_active = 0, disabled_at = ${now}
        WHERE id = ${due.webhook_id} AND is_active = 1`.execute(transaction);
      await giveUp(transaction, due.webhook_id);
      if (numAffectedRows === 0n) return;
      await changes.record({ kind: 'webhook-changed', of: due.of, name: due.name, change: 'disabled' });
    });
  }

  /** What is being sent is finished: it takes no longer than a try may. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }
}
