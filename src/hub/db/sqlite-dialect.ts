/** Kysely over bun:sqlite: Kysely's own SQLite dialect wants better-sqlite3's shape, and begins transactions too late. */
import type { Database } from 'bun:sqlite';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDriver,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';

type Value = string | number | bigint | boolean | null | Uint8Array;

/** The dialect for `database`. `Kysely.destroy()` closes it. @param used after every statement: it may have written. */
export function sqliteDialect(database: Database, used: () => void): Dialect {
  return {
    createDriver: () => new DurableDriver({ database: adapt(database, used) }),
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/**
 * A transaction takes the write lock at its start: one that reads first and writes later would fail at once,
 * without waiting, whenever another process wrote in between.
 * A transaction is on the disk when it ends. A statement by itself is not, until the next transaction is: what loses nothing
 * that matters in a power cut (upload sessions, links of blobs that no manifest names yet) does not wait for the disk.
 */
class DurableDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('pragma synchronous = full'));
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  override async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await super.commitTransaction(connection);
    await connection.executeQuery(CompiledQuery.raw('pragma synchronous = normal'));
  }

  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await super.rollbackTransaction(connection);
    await connection.executeQuery(CompiledQuery.raw('pragma synchronous = normal'));
  }
}

function adapt(database: Database, used: () => void): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare: (text) => {
      // `query` keeps the prepared statement for the next call with the same text.
      const statement = database.query<unknown, Value[]>(text);
      return {
        reader: statement.columnNames.length > 0,
        all: (parameters) => afterwards(used, () => statement.all(...(parameters as Value[]))),
        run: (parameters) => afterwards(used, () => statement.run(...(parameters as Value[]))),
        iterate: (parameters) => statement.iterate(...(parameters as Value[])),
      };
    },
  };
}

function afterwards<T>(next: () => void, work: () => T): T {
  try {
    return work();
  } finally {
    next();
  }
}
