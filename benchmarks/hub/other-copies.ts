/** What more copies would do to the database that is there for two: each writes once in a second what was pulled. */
import { Client } from 'pg';
import type { CopiesField } from './copies-field.ts';

/** Writes nothing, so often: that is enough for everybody to read again what they have kept of the database. */
export async function pretendOthers(
  { server, database }: CopiesField,
  copies: number,
): Promise<AsyncDisposable> {
  const client = new Client({ connectionString: server.urlOf(database) });
  await client.connect();
  const over = new AbortController();
  const writing = (async () => {
    const begun = performance.now();
    for (let written = 0; !over.signal.aborted; written += 1) {
      await Bun.sleep(begun + (written * 1000) / copies - performance.now());
      await client.query('SELECT pg_current_xact_id()');
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      over.abort();
      await writing;
      await client.end();
    },
  };
}
