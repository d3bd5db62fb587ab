/** A SQLite file with its schema brought up to date: the embedded database of the engine. */
import { Database } from 'bun:sqlite';

/**
 * Opens (or makes) the database at `path` and applies the migrations that it lacks, in one transaction.
 * WAL with synchronous=NORMAL: a commit survives kill -9 of the process without an fsync on the hot path;
 * after power loss the file is consistent and at most the last commits are gone.
 * @param migrations SQL scripts, oldest first; append only. `PRAGMA user_version` counts those applied.
 */
export function openSqlite(path: string, migrations: readonly string[]): Database {
  const database = new Database(path, { create: true, strict: true });
  database.run('PRAGMA journal_mode = WAL');
  database.run('PRAGMA synchronous = NORMAL');
  database.run('PRAGMA foreign_keys = ON');
  database.run('PRAGMA busy_timeout = 5000');
  const row = database.query<{ user_version: number }, []>('PRAGMA user_version').get();
  const applied = row?.user_version ?? 0;
  database.transaction(() => {
    for (const migration of migrations.slice(applied)) database.run(migration);
    database.run(`PRAGMA user_version = ${migrations.length}`);
  })();
  return database;
}
