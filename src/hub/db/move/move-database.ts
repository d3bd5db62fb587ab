/**
 * Moves a hub's database from SQLite to PostgreSQL while the hub serves pulls. What has arrived is written down with it, in the
 * same transaction: a move that is cut off goes on where it was. At the end every row is read from both and compared.
 */
import { sql } from 'kysely';
import { ConflictError, CorruptError } from '../../../lib/errors.ts';
import { wordsIn } from '../../search/search-index.ts';
import type { PostgresDatabase } from '../postgres-database.ts';
import type { Transaction } from '../transaction.ts';
import { FrozenSource, type Row, type TableShape } from './frozen-source.ts';
import { digestOfRows, type Reader, rowsOf, textsClean } from './row-digest.ts';

export interface MoveProgress {
  readonly table: string;
  readonly rows: number;
  readonly of: number;
  readonly isVerified: boolean;
}

/** In one transaction. */
const batchRows = 500;
const batchBytes = 8 * 1024 * 1024;

/**
 * @param path the SQLite file, with this program's schema. It refuses writes from here on.
 * @param target empty, or what an earlier move of the same file has left.
 * @throws ConflictError, CorruptError
 */
export async function moveDatabase(
  path: string,
  target: PostgresDatabase,
  onProgress: (progress: MoveProgress) => void,
): Promise<void> {
  using source = FrozenSource.open(path);
  const arrived = await begin(target, source.id);
  for (const table of source.tables) {
    const tell = (rows: number): void =>
      onProgress({ table: table.name, rows, of: table.rows, isVerified: false });
    await copyTable(target, source, table, arrived.get(table.name) ?? 0, tell);
  }
  await copyWords(target, source, arrived.get(wordsStep) ?? 0);
  for (const table of source.tables) {
    const expected = await digestOfRows(source.inKeyOrder(table));
    const found = await digestOfRows(rowsOf(target, table));
    if (expected.rows !== found.rows || expected.digest !== found.digest) {
      throw new CorruptError(
        `the table ${table.name} has not arrived as it was: ${found.rows} rows of ${expected.rows}, or others`,
      );
    }
    onProgress({ table: table.name, rows: found.rows, of: table.rows, isVerified: true });
  }
  await finish(target, source);
}

/** @throws ConflictError where the database is some hub's. */
export async function requireEmpty(target: Reader): Promise<void> {
  const present = await target.read(sql`SELECT 1 FROM accounts UNION ALL SELECT 1 FROM repositories LIMIT 1`);
  if (present.length > 0)
    throw new ConflictError(
      'there is a hub in this database: where a move into it has ended just now, start the hub with it',
    );
}

const wordsStep = 'the index of words';
/** Their triggers count and note what other tables, which are moved as well, have already. */
const counted = ['accounts', 'quotas', 'repositories', 'repository_blobs', 'manifests', 'tags'];

/** How far each table has come, by the number of its last row. */
async function begin(target: PostgresDatabase, id: string): Promise<ReadonlyMap<string, number>> {
  return await target.transaction(async (transaction) => {
    await sql`CREATE TABLE IF NOT EXISTS moving (source TEXT NOT NULL, step TEXT PRIMARY KEY, last BIGINT NOT NULL)`.execute(
      transaction,
    );
    const { rows } = await sql<{ source: string; step: string; last: number }>`SELECT * FROM moving`.execute(
      transaction,
    );
    if (rows.some(({ source }) => source !== id)) {
      throw new ConflictError('cannot move the hub: another one is being moved into this database');
    }
    if (rows.length === 0) {
      await requireEmpty({ read: async (query) => (await query.execute(transaction)).rows });
      await setTriggers(transaction, 'DISABLE');
      await arrive(transaction, id, '', 0);
    }
    return new Map(rows.map(({ step, last }) => [step, last]));
  });
}

async function copyTable(
  target: PostgresDatabase,
  source: FrozenSource,
  table: TableShape,
  after: number,
  tell: (rows: number) => void,
): Promise<void> {
  let done = 0;
  for (const batch of batchesOf(source.rows(table, after))) {
    await target.exclusively(async (transaction) => {
      const rows = batch.map(
        (row) => sql`(${sql.join(table.columns.map((column) => textsClean(row[column])))})`,
      );
      await sql`INSERT INTO ${sql.table(table.name)} (${sql.join(table.columns.map((column) => sql.ref(column)))})
        VALUES ${sql.join(rows)}`.execute(transaction);
      await arrive(transaction, source.id, table.name, batch.at(-1)?.rowid ?? after);
    });
    done += batch.length;
    tell(done);
  }
}

function* batchesOf<T extends Row>(rows: Iterable<T>): Generator<readonly T[]> {
  let batch: T[] = [];
  let bytes = 0;
  for (const row of rows) {
    batch.push(row);
    for (const value of Object.values(row)) {
      if (value instanceof Uint8Array || typeof value === 'string') bytes += value.length;
    }
    if (batch.length < batchRows && bytes < batchBytes) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

interface Worded extends Row {
  readonly namespace: string;
  readonly name: string;
  readonly description: string;
  readonly is_private: number;
  readonly search_rank: number | null;
  readonly rowid: number;
}

async function copyWords(target: PostgresDatabase, source: FrozenSource, after: number): Promise<void> {
  const table = source.tables.find(({ name }) => name === 'repositories');
  if (!table) return;
  for (const batch of batchesOf(source.rows(table, after) as IterableIterator<Worded>)) {
    await target.exclusively(async (transaction) => {
      const found = batch.flatMap((row) =>
        row.search_rank === null
          ? []
          : wordsIn(row).map(([name, words]) => ({ name, words, rank: row.search_rank })),
      );
      for (const [name, rows] of Map.groupBy(found, (each) => each.name)) {
        const values = rows.map(({ rank, words }) => sql`(${rank}, ${words})`);
        await sql`INSERT INTO ${sql.table(name)} (rowid, words) VALUES ${sql.join(values)}`.execute(
          transaction,
        );
      }
      await arrive(transaction, source.id, wordsStep, batch.at(-1)?.rowid ?? after);
    });
  }
}

async function arrive(transaction: Transaction, source: string, step: string, last: number): Promise<void> {
  await sql`INSERT INTO moving (source, step, last) VALUES (${source}, ${step}, ${last})
    ON CONFLICT (step) DO UPDATE SET last = excluded.last`.execute(transaction);
}

/** From here on a hub may be opened over it. */
async function finish(target: PostgresDatabase, source: FrozenSource): Promise<void> {
  await target.transaction(async (transaction) => {
    for (const { name, seq } of source.counters()) {
      await sql`SELECT setval(pg_get_serial_sequence(${name}, 'id'), ${seq})`.execute(transaction);
    }
    await setTriggers(transaction, 'ENABLE');
    await sql`ANALYZE`.execute(transaction);
    await sql`DROP TABLE moving`.execute(transaction);
  });
}

async function setTriggers(transaction: Transaction, how: 'ENABLE' | 'DISABLE'): Promise<void> {
  for (const table of counted) {
    await sql`ALTER TABLE ${sql.table(table)} ${sql.raw(how)} TRIGGER USER`.execute(transaction);
  }
}
