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
    createDriver: () => new ImmediateDriver({ database: adapt(database, used) }),
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/**
 * A transaction takes the write lock at its start: one that reads first and writes later would fail at once,
 * without waiting, whenever another process wrote in between.
 */
class ImmediateDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
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
