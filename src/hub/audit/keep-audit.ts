/** Forgets entries of the audit log whose time is over, and the oldest refusals where there are too many, a few at a time. */
import { sql } from 'kysely';
import { messageOf } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { HubDatabase } from '../db/database.ts';

/** In milliseconds. */
const interval = 3_600_000;
const firstAfter = 60_000;
/** In one transaction: others wait for it. */
const batchSize = 500;
/** Of refusals, which anybody can cause: some tens of megabytes. */
const maxRefusals = 100_000;

/** @param keep in milliseconds; undefined: for ever. Goes on until disposed. */
export function keepAudit(database: HubDatabase, keep: number | undefined, log: Log): AsyncDisposable {
  let isStopped = false;
  let running: Promise<unknown> = Promise.resolve();
  const run = async (): Promise<void> => {
    try {
      await database.alone('audit', () => forgetOld(database, keep, { isStopped: () => isStopped }));
    } catch (error) {
      log.warn({ reason: messageOf(error) }, 'cannot forget old entries of the audit log');
    }
  };
  const schedule = (delay: number): NodeJS.Timeout =>
    setTimeout(() => {
      running = run().finally(() => {
        if (!isStopped) timer = schedule(interval);
      });
    }, delay).unref();
  let timer = schedule(firstAfter);
  return {
    async [Symbol.asyncDispose]() {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}

interface Forgetting {
  readonly now?: number;
  readonly maxRefused?: number;
  readonly isStopped?: () => boolean;
}

/** @param keep as of keepAudit. */
export async function forgetOld(
  database: HubDatabase,
  keep: number | undefined,
  { now = Date.now(), maxRefused = maxRefusals, isStopped = () => false }: Forgetting = {},
): Promise<void> {
  const old =
    keep === undefined
      ? undefined
      : sql`SELECT id FROM audit WHERE happened_at < ${now - keep} ORDER BY happened_at, id LIMIT ${batchSize}`;
  const tooMany = sql`SELECT id FROM audit WHERE outcome = 'refused' AND id <= (SELECT id FROM audit
    WHERE outcome = 'refused' ORDER BY id DESC LIMIT 1 OFFSET ${maxRefused}) ORDER BY id LIMIT ${batchSize}`;
  for (const which of old ? [old, tooMany] : [tooMany]) {
    for (let count = batchSize; count === batchSize && !isStopped();) {
      const gone = await database.transaction((transaction) =>
        sql`DELETE FROM audit WHERE id IN (${which})`.execute(transaction),
      );
      count = Number(gone.numAffectedRows ?? 0);
      await Bun.sleep(0);
    }
  }
}
