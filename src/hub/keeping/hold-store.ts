/**
 * Holds: while there is one, nobody removes bytes of blobs, so that whoever copies what the tables named a moment ago finds it. One
 * that was cut off ends by itself.
 */
import type { HubDatabase, Queries } from '../db/database.ts';

/** In milliseconds: how long a hold lasts whose holder is gone, and how often a living one moves that ahead. */
const [lifetime, renewal] = [10 * 60_000, 60_000];

type Purpose = 'backup' | 'export';

export class HoldStore {
  readonly #database: HubDatabase;

  constructor(database: HubDatabase) {
    this.#database = database;
  }

  /** Once it resolves no bytes go, until what it gives is disposed of. */
  async take(purpose: Purpose): Promise<AsyncDisposable> {
    const id = crypto.randomUUID();
    await this.#database.transaction(async (transaction) => {
      await transaction.deleteFrom('holds').where('expires_at', '<', Date.now()).execute();
      await transaction
        .insertInto('holds')
        .values({ id, purpose, expires_at: Date.now() + lifetime })
        .execute();
    });
    const renew = (): Promise<unknown> =>
      this.#database.queries
        .updateTable('holds')
        .set({ expires_at: Date.now() + lifetime })
        .where('id', '=', id)
        .execute();
    // A database that is away for a moment is asked again long before the hold ends.
    const timer = setInterval(() => void renew().catch(() => undefined), renewal);
    return {
      [Symbol.asyncDispose]: async () => {
        clearInterval(timer);
        await this.#database.queries.deleteFrom('holds').where('id', '=', id).execute();
      },
    };
  }
}

/** Part of the transaction that would remove bytes. */
export async function isHeld(queries: Queries): Promise<boolean> {
  const found = await queries
    .selectFrom('holds')
    .select('id')
    .where('expires_at', '>=', Date.now())
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}
