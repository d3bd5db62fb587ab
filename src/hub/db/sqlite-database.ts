/** The hub's database as one SQLite file: a connection that writes, and one for prepared reads, which waits for no transaction. */
import { Database as SqliteFile } from 'bun:sqlite';
import { chmod, open } from 'node:fs/promises';
import { Kysely, type RawBuilder, sql } from 'kysely';
import { ConflictError, errnoOf } from '../../lib/errors.ts';
import { Ambient } from './ambient.ts';
import type { HubDatabase, KeptStatement, Queries, Statement, Value } from './database.ts';
import { KeptAnswers } from './kept-answers.ts';
import { LogSync } from './log-sync.ts';
import { migrate } from './migrate.ts';
import type { Schema } from './schema.ts';
import { sqliteDialect } from './sqlite-dialect.ts';
import { type Statements, unwatched } from './statements.ts';
import type { Transaction } from './transaction.ts';
import { sqliteWords } from './sqlite-words.ts';
import { WalIndex } from './wal-index.ts';

const done = Promise.resolve();

export class SqliteDatabase implements HubDatabase {
  readonly words = sqliteWords;
  readonly load = undefined;
  readonly #queries: Kysely<Schema>;
  readonly #ambient = new Ambient();
  readonly #reader: SqliteFile;
  readonly #kept: KeptAnswers;
  readonly #log: LogSync;
  readonly #index: WalIndex;
  readonly #statements: Statements;
  /** The works that run alone. */
  readonly #running = new Set<string>();

  private constructor(
    queries: Kysely<Schema>,
    reader: SqliteFile,
    index: WalIndex,
    log: LogSync,
    statements: Statements,
  ) {
    this.#statements = statements;
    this.#queries = queries;
    this.#reader = reader;
    this.#index = index;
    this.#kept = new KeptAnswers(() => index.hasChanged());
    this.#log = log;
  }

  /**
   * Opens the SQLite file at `path`, made when absent, and brings its schema up to date. Several processes may have it open.
   * After a power cut every transaction that ended is there.
   */
  static async open(path: string, statements: Statements = unwatched): Promise<SqliteDatabase> {
    await keepPrivate(path);
    const writer = new SqliteFile(path, { create: true });
    writer.run('PRAGMA busy_timeout = 5000');
    writer.run('PRAGMA journal_mode = WAL');
    // Waiting for the disk is LogSync's.
    writer.run('PRAGMA synchronous = NORMAL');
    // In pages, 16 MB: a page that many transactions change is copied into the file once for all of them.
    writer.run('PRAGMA wal_autocheckpoint = 4000');
    writer.run('PRAGMA foreign_keys = ON');
    const queries = new Kysely<Schema>({ dialect: sqliteDialect(writer, statements) });
    try {
      await migrate(queries, sqliteWords);
    } catch (error) {
      writer.close();
      throw error;
    }
    const reader = new SqliteFile(path, { readonly: true });
    reader.run('PRAGMA busy_timeout = 5000');
    // In kB: what lists and searches of a large hub read again and again. A small hub never fills it.
    reader.run('PRAGMA cache_size = -16000');
    return new SqliteDatabase(queries, reader, new WalIndex(path), await LogSync.open(path), statements);
  }

  get queries(): Queries {
    return this.#ambient.transaction ?? this.#queries;
  }

  prepare<Row>(text: string): Statement<Row> {
    const statement = this.#reader.prepare<Row, Value[]>(text);
    const statements = this.#statements;
    return {
      get: async (...values) => statements.runNow(text, () => statement.get(...values)) ?? undefined,
      all: async (...values) => statements.runNow(text, () => statement.all(...values)),
    };
  }

  async read<Row>(query: RawBuilder<Row>): Promise<readonly Row[]> {
    const { sql: text, parameters } = query.compile(this.#queries);
    const statement = this.#reader.query<Row, Value[]>(text);
    return this.#statements.runNow(text, () => statement.all(...(parameters as Value[])));
  }

  prepareKept<Row>(text: string, sizeOf: (row: Row) => number = () => 0): KeptStatement<Row> {
    const statement = this.#reader.prepare<Row, Value[]>(text);
    const get = this.#kept.of(
      (...values) => this.#statements.runNow(text, () => statement.get(...(values as Value[]))),
      (row) => (row === null ? 0 : sizeOf(row)),
    );
    return { get: async (...values) => get(...values) ?? undefined };
  }

  /** What is kept sees to it by itself. */
  refresh(): Promise<void> {
    return done;
  }

  async check(): Promise<void> {
    await sql`SELECT 1`.execute(this.queries);
  }

  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.#ambient.within(work, async (whole) => {
      const result = await this.#queries.transaction().execute(whole);
      await this.#log.sync();
      return result;
    });
  }

  exclusively<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.#ambient.within(work, (whole) => this.#queries.transaction().execute(whole));
  }

  afterwards(work: () => void): void {
    this.#ambient.afterwards(work);
  }

  async alone<T>(name: string, work: (lost: AbortSignal) => Promise<T>): Promise<T | undefined> {
    if (this.#running.has(name)) return undefined;
    this.#running.add(name);
    try {
      return await work(new AbortController().signal);
    } finally {
      this.#running.delete(name);
    }
  }

  async say(): Promise<void> {}

  listen(): AsyncDisposable {
    return { [Symbol.asyncDispose]: () => done };
  }

  /** It refuses every write: move/frozen-source.ts. */
  get isMoved(): boolean {
    return this.#reader.query("SELECT 1 FROM sqlite_master WHERE name = 'moved'").get() !== null;
  }

  async copyTo(path: string): Promise<void> {
    if (this.isMoved) {
      throw new ConflictError('the hub has been moved to another database: give its address with --database');
    }
    this.#reader.query('VACUUM INTO ?').run(path);
  }

  async faults(isQuick: boolean): Promise<readonly string[]> {
    const found = this.#reader.query(`PRAGMA ${isQuick ? 'quick_check' : 'integrity_check'}`).values();
    const dangling = this.#reader
      .query<{ table: string; rowid: number; parent: string }, []>('PRAGMA foreign_key_check')
      .all();
    return [
      ...found.map(String).filter((line) => line !== 'ok'),
      ...dangling.map(({ table, rowid, parent }) => `row ${rowid} of ${table} belongs to none of ${parent}`),
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queries.destroy();
    this.#reader.close();
    this.#index[Symbol.dispose]();
    this.#log[Symbol.dispose]();
  }
}

/**
 * Hashes of passwords and sessions are their owner's to read, whatever the umask. Before SQLite opens the file: those that
 * SQLite makes beside it take its mode. What an older hub left is there already. A file that exists is not opened here, because
 * closing it would end the locks that this process has on it.
 */
async function keepPrivate(path: string): Promise<void> {
  await allowing('EEXIST', async () => (await open(path, 'wx', 0o600)).close());
  for (const file of [path, `${path}-wal`, `${path}-shm`]) await allowing('ENOENT', () => chmod(file, 0o600));
}

async function allowing(errno: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (errnoOf(error) !== errno) throw error;
  }
}
