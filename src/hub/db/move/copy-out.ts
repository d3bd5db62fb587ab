/**
 * A PostgreSQL hub's rows as an SQLite file, all of one moment: the opposite of move-database.ts, and what a backup of such a hub
 * has of them. Whoever writes meanwhile is neither seen nor kept waiting.
 */
import { Database as SqliteFile } from 'bun:sqlite';
import { rm } from 'node:fs/promises';
import { sql } from 'kysely';
import { wordsIn, type SearchDocument } from '../../search/search-index.ts';
import { SqliteDatabase } from '../sqlite-database.ts';
import { type Row, shapesOf, type TableShape } from './frozen-source.ts';
import { type Reader, rowsOf } from './row-digest.ts';

type Value = string | number | null | Uint8Array;

/** @param reader of one snapshot. @param path absent, or an empty file. */
export async function copyOut(reader: Reader, path: string): Promise<void> {
  const scratch = `${path}.filling`;
  const remove = async (): Promise<void> => {
    for (const suffix of ['', '-wal', '-shm']) await rm(scratch + suffix, { force: true });
  };
  await remove();
  try {
    // The tables of this program's version.
    await (await SqliteDatabase.open(scratch))[Symbol.asyncDispose]();
    using file = new SqliteFile(scratch);
    // What is cut off is never looked at again.
    file.run('PRAGMA synchronous = OFF');
    await fill(file, reader);
    // One file, without a log beside it.
    file.query<unknown, Value[]>('VACUUM INTO ?').run(path);
  } finally {
    await remove();
  }
}

async function fill(file: SqliteFile, reader: Reader): Promise<void> {
  const triggers = file
    .query<{ name: string; sql: string }, []>("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    .all();
  // They count what the table of totals, which is copied as well, has counted already.
  for (const { name } of triggers) file.run(`DROP TRIGGER ${name}`);
  file.run('BEGIN');
  for (const table of shapesOf(file)) {
    await copyTable(file, reader, table);
    if (hasCounter(file, table)) await copyCounter(file, reader, table);
  }
  for (const { sql: text } of triggers) file.run(text);
  file.run('COMMIT');
}

async function copyTable(file: SqliteFile, reader: Reader, table: TableShape): Promise<void> {
  const places = table.columns.map(() => '?').join(', ');
  const insert = file.query<unknown, Value[]>(
    `INSERT INTO ${table.name} (${table.columns.join(', ')}) VALUES (${places})`,
  );
  for await (const row of rowsOf(reader, table)) {
    insert.run(...table.columns.map((column) => row[column] as Value));
    if (table.name === 'repositories') copyWords(file, row);
  }
}

/** The index of words, which each database keeps in its own way. */
function copyWords(file: SqliteFile, row: Row): void {
  const rank = row['search_rank'];
  if (typeof rank !== 'number') return;
  for (const [table, words] of wordsIn(row as Row & SearchDocument)) {
    file.query<unknown, Value[]>(`INSERT INTO ${table} (rowid, words) VALUES (?, ?)`).run(rank, words);
  }
}

function hasCounter(file: SqliteFile, { name }: TableShape): boolean {
  const found = file.query<{ sql: string }, [string]>('SELECT sql FROM sqlite_master WHERE name = ?');
  return /\bAUTOINCREMENT\b/i.test(found.get(name)?.sql ?? '');
}

/** So that no number is given twice. */
async function copyCounter(file: SqliteFile, reader: Reader, { name }: TableShape): Promise<void> {
  const [last] = await reader.read(sql<{ value: number | null }>`
    SELECT pg_sequence_last_value(CAST(pg_get_serial_sequence(${name}, 'id') AS regclass)) AS value`);
  file.query<unknown, Value[]>('DELETE FROM sqlite_sequence WHERE name = ?').run(name);
  if (last?.value == null) return;
  file.query<unknown, Value[]>('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)').run(name, last.value);
}
