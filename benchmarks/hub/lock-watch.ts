/** How much of the time somebody holds the lock that all who write to PostgreSQL take: looked at fifty times a second. */
import { Client } from 'pg';
import type { CopiesField } from './copies-field.ts';

export interface LockWatch extends AsyncDisposable {
  /** Of the looks so far, those that found it held: 0 to 1. */
  readonly share: number;
}

/** In milliseconds: often enough for a mean, and hardly any work for the server. */
const pause = 20;
/** As src/hub/db/postgres-words.ts has it: the second key is 1. */
const held = `SELECT count(*) > 0 AS held FROM pg_locks
  WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND granted AND objid = 1`;

export async function startLockWatch({ server, database }: CopiesField): Promise<LockWatch> {
  const client = new Client({ connectionString: server.urlOf(database) });
  await client.connect();
  let [looks, found] = [0, 0];
  const over = new AbortController();
  const watch = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const { rows } = await client.query<{ held: boolean }>(held);
      looks += 1;
      if (rows[0]?.held) found += 1;
      await Bun.sleep(pause);
    }
  };
  const watching = watch();
  return {
    get share() {
      return found / looks;
    },
    async [Symbol.asyncDispose]() {
      over.abort();
      await watching;
      await client.end();
    },
  };
}
