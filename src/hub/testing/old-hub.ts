/** A hub's database as its first program had it: that one's schema, and of a hub of today the rows and columns that were there then. */
import { Database as SqliteFile, type SQLQueryBindings } from 'bun:sqlite';
import { Client } from 'pg';
import { init } from '../db/migrations/001-init.ts';
import { postgresWords } from '../db/postgres-words.ts';
import { sqliteWords } from '../db/sqlite-words.ts';
import type { Words } from '../db/words.ts';

function firstSchema(words: Words): readonly string[] {
  return [
    ...[...init(words), ...words.searchTables.first].map((statement) => words.definition(statement)),
    'CREATE TABLE schema_version (version INTEGER NOT NULL)',
    'INSERT INTO schema_version VALUES (1)',
  ];
}

interface Table {
  readonly name: string;
  readonly columns: readonly string[];
}

/** What the first schema has, a table after those that it refers to. */
function tablesOf(file: SqliteFile): readonly Table[] {
  const tables = file.query<{ name: string }, []>(
    `SELECT name FROM sqlite_master WHERE type = 'table'
     AND name NOT LIKE '%search%' AND name NOT LIKE 'sqlite_%' AND name <> 'schema_version' ORDER BY rowid`,
  );
  return tables.all().map(({ name }) => {
    const columns = file.query<{ name: string }, [string]>('SELECT name FROM pragma_table_info(?)').all(name);
    return { name, columns: columns.map((column) => column.name) };
  });
}

/** @param path of the file that is made. @param source the SQLite file of a hub of today, which nobody has open. */
export function makeOldSqlite(path: string, source: string): void {
  using file = new SqliteFile(path, { create: true });
  for (const statement of firstSchema(sqliteWords)) file.run(statement);
  file.run('ATTACH ? AS today', [source]);
  for (const { name, columns } of tablesOf(file)) {
    const isThere = file.query('SELECT 1 FROM today.sqlite_master WHERE name = ?').get(name);
    if (isThere)
      file.run(`INSERT INTO main.${name} (${columns.join()}) SELECT ${columns.join()} FROM today.${name}`);
  }
}

/** @param url of an empty database. @param source the SQLite file that `makeOldSqlite` has made. */
export async function makeOldPostgres(url: string, source: string): Promise<void> {
  using file = new SqliteFile(source, { readonly: true });
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(firstSchema(postgresWords).join(';'));
    for (const { name, columns } of tablesOf(file)) {
      const places = columns.map((_, index) => `$${index + 1}`).join();
      const rows = file.query<Record<string, SQLQueryBindings>, []>(`SELECT * FROM ${name}`).all();
      for (const row of rows) {
        const values = columns.map((column) => row[column]);
        await client.query(`INSERT INTO ${name} (${columns.join()}) VALUES (${places})`, values);
      }
      if (columns[0] === 'id' && name !== 'uploads')
        await client.query(`SELECT setval(pg_get_serial_sequence('${name}', 'id'), max(id)) FROM ${name}`);
    }
  } finally {
    await client.end();
  }
}
