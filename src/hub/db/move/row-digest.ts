/** One digest for all rows of a table in the order of its key, whichever database they are read from. */
import { type RawBuilder, sql } from 'kysely';
import type { Row, TableShape } from './frozen-source.ts';

const pageSize = 500;
/** Of rows that hold manifests. */
const largePageSize = 50;

export interface Reader {
  read<Row>(query: RawBuilder<Row>): Promise<readonly Row[]>;
}

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

/** In the order of the key. */
export async function* rowsOf(reader: Reader, { name, columns, key }: TableShape): AsyncGenerator<Row> {
  const limit = columns.includes('bytes') ? largePageSize : pageSize;
  const refs = (names: readonly string[]) => sql.join(names.map((each) => sql.ref(each)));
  for (let last: Row | undefined; ;) {
    const after = last
      ? sql`WHERE (${refs(key)}) > (${sql.join(key.map((column) => last?.[column]))})`
      : sql``;
    const rows = await reader.read(sql<Row>`SELECT ${refs(columns)} FROM ${sql.table(name)} ${after}
      ORDER BY ${refs(key)} LIMIT ${limit}`);
    yield* rows;
    last = rows.at(-1);
    if (rows.length < limit) return;
  }
}
