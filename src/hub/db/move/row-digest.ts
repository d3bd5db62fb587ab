/** One digest for all rows of a table in the order of its key, whichever database they are read from. */
import { sql } from 'kysely';
import type { PostgresDatabase } from '../postgres-database.ts';
import type { Row, TableShape } from './frozen-source.ts';

const pageSize = 500;

/** PostgreSQL keeps no NUL in a text. */
export function textsClean(value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll('\0', '') : value;
}

export async function digestOfRows(
  rows: Iterable<Row> | AsyncIterable<Row>,
): Promise<{ readonly rows: number; readonly digest: string }> {
  const hash = new Bun.CryptoHasher('sha256');
  let count = 0;
  for await (const row of rows) {
    count += 1;
    for (const [column, value] of Object.entries(row)) {
      hash.update(`${column}=`);
      if (value instanceof Uint8Array) hash.update(value);
      else hash.update(JSON.stringify(textsClean(value)));
      hash.update('\n');
    }
  }
  return { rows: count, digest: hash.digest('hex') };
}

export async function* rowsOf(
  database: PostgresDatabase,
  { name, columns, key }: TableShape,
): AsyncGenerator<Row> {
  const refs = (names: readonly string[]) => sql.join(names.map((each) => sql.ref(each)));
  for (let last: Row | undefined; ;) {
    const after = last
      ? sql`WHERE (${refs(key)}) > (${sql.join(key.map((column) => last?.[column]))})`
      : sql``;
    const rows = await database.read(sql<Row>`SELECT ${refs(columns)} FROM ${sql.table(name)} ${after}
      ORDER BY ${refs(key)} LIMIT ${pageSize}`);
    yield* rows;
    last = rows.at(-1);
    if (rows.length < pageSize) return;
  }
}
