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
import { describeSqliteError } from './sqlite-errors.ts';
import type { Statements } from './statements.ts';

type Value = string | number | bigint | boolean | null | Uint8Array;

/** The dialect for `database`. `Kysely.destroy()` closes it. */
export function sqliteDialect(database: Database, statements: Statements): Dialect {
  return {
    createDriver: () => new ImmediateDriver(database, statements),
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
  readonly #database: Database;

  constructor(database: Database, statements: Statements) {
    super({ database: adapt(database, statements) });
    this.#database = database;
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  /** After some errors SQLite has done it already. https://sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#database.inTransaction) await super.rollbackTransaction(connection);
  }
}

function adapt(database: Database, statements: Statements): SqliteDatabase {
  const run = <T>(text: string, work: () => T): T => described(() => statements.runNow(text, work));
  return {
    close: () => database.close(),
    prepare: (text) => {
      // `query` keeps the prepared statement for the next call with the same text.
      const statement = database.query<unknown, Value[]>(text);
      return {
        reader: statement.columnNames.length > 0,
        all: (parameters) => run(text, () => statement.all(...(parameters as Value[]))),
        run: (parameters) => run(text, () => statement.run(...(parameters as Value[]))),
        iterate: (parameters) => statement.iterate(...(parameters as Value[])),
      };
    },
  };
}

function described<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw describeSqliteError(error);
  }
}
