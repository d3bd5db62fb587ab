/**
 * The hub's database in PostgreSQL, for one copy of the hub or several. Reads go over any connection of the pool and see what is
 * committed; postgres-dialect.ts lets one write at a time.
 */
import {
  HandleEmptyInListsPlugin,
  Kysely,
  type RawBuilder,
  replaceWithNoncontingentExpression,
  sql,
} from 'kysely';
import { CaisError, InvalidError, messageOf, UnavailableError, UnsupportedError } from '../../lib/errors.ts';
import { Ambient } from './ambient.ts';
import type {
  ConnectionLoad,
  HubDatabase,
  KeptStatement,
  Listener,
  Queries,
  Statement,
  Value,
} from './database.ts';
import { KeptReads } from './kept-reads.ts';
import { migrate } from './migrate.ts';
import { copyOut } from './move/copy-out.ts';
import { postgresDialect } from './postgres-dialect.ts';
import { PostgresListener } from './postgres-listener.ts';
import { PostgresLocks } from './postgres-locks.ts';
import type { PostgresAddress } from './postgres-address.ts';
import { PostgresPool } from './postgres-pool.ts';
import { postgresWords } from './postgres-words.ts';
import type { Schema } from './schema.ts';
import { type Statements, unwatched } from './statements.ts';
import type { Transaction } from './transaction.ts';
import { Turns } from './turns.ts';

/**
 * What is visible to a statement: two that see the same snapshot see the same rows. Nothing has to be counted by those who write,
 * so it changes whoever writes, and it is no row that all of them would have to wait for.
 * https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-SNAPSHOT
 */
const version = { name: 'version', text: 'SELECT CAST(pg_current_snapshot() AS TEXT) AS version' };

/**
 * A commit that waits for the disk (and for whatever standby an administrator wants it to wait for) takes with it all that were
 * before it in the log. It has to write something itself. Asked over the connection of the commit that has to last: as long as
 * that one holds, no crash has come between the two.
 */
const sync = sql`BEGIN; SET LOCAL synchronous_commit TO DEFAULT;
  SELECT pg_logical_emit_message(true, 'cais', ''); COMMIT`;

/** Where copies of the hub speak to each other. */
const channel = 'cais_hub';

/** In milliseconds. */
const defaultPatience = 60_000;
const startPause = 250;

interface Options {
  /** In milliseconds: how long a server that is away is waited for. */
  readonly patience?: number;
  /** Told once, when it is away at first. */
  readonly onAway?: ((error: UnavailableError) => void) | undefined;
  readonly statements?: Statements;
  /** Nothing is made where no hub has been: NotFoundError. */
  readonly mustExist?: boolean;
}

export class PostgresDatabase implements HubDatabase {
  readonly words = postgresWords;
  readonly #queries: Kysely<Schema>;
  readonly #ambient = new Ambient();
  readonly #turns = new Turns();
  readonly #address: PostgresAddress;
  readonly #pool: PostgresPool;
  readonly #locks: PostgresLocks;
  readonly #kept: KeptReads;
  #prepared = 0;

  private constructor(address: PostgresAddress, statements: Statements) {
    const pool = new PostgresPool(address, statements);
    this.#address = address;
    this.#pool = pool;
    this.#locks = new PostgresLocks(address);
    this.#kept = new KeptReads(async () => {
      const { rows } = await pool.read(version);
      return `${pool.made} ${(rows as { version: string }[])[0]?.version}`;
    });
    this.#queries = new Kysely<Schema>({
      dialect: postgresDialect(pool, this.#turns, () => this.#kept.written()),
      // SQLite takes `IN ()` as what it means.
      plugins: [new HandleEmptyInListsPlugin({ strategy: replaceWithNoncontingentExpression })],
    });
  }

  /** Brings the schema up to date; of several that start at once one does, and the others wait for it. */
  static async open(
    address: PostgresAddress,
    { patience = defaultPatience, onAway, statements = unwatched, mustExist = false }: Options = {},
  ): Promise<PostgresDatabase> {
    const database = new PostgresDatabase(address, statements);
    try {
      await database.#start(performance.now() + patience, mustExist, onAway);
    } catch (error) {
      await database[Symbol.asyncDispose]();
      throw error instanceof CaisError
        ? error
        : new InvalidError(`cannot use the hub's database: ${messageOf(error)}`, { cause: error });
    }
    return database;
  }

  get load(): ConnectionLoad {
    return { ...this.#pool.load, waitingToWrite: this.#turns.waiting };
  }

  /** move/move-database.ts is at work, or was cut off. */
  async isBeingFilled(): Promise<boolean> {
    const found = await this.read(
      sql<{ name: string | null }>`SELECT CAST(to_regclass('moving') AS TEXT) AS name`,
    );
    return found[0]?.name != null;
  }

  get queries(): Queries {
    return this.#ambient.transaction ?? this.#queries;
  }

  prepare<Row>(text: string): Statement<Row> {
    this.#prepared += 1;
    const name = `prepared-${this.#prepared}`;
    const query = numbered(text);
    const run = async (values: readonly Value[]): Promise<Row[]> =>
      (await this.#pool.read({ name, text: query, values: [...values] })).rows as Row[];
    return {
      get: async (...values) => (await run(values))[0],
      all: async (...values) => await run(values),
    };
  }

  async read<Row>(query: RawBuilder<Row>): Promise<readonly Row[]> {
    const { sql: text, parameters } = query.compile(this.#queries);
    return (await this.#pool.read({ text, values: [...parameters] })).rows as Row[];
  }

  prepareKept<Row>(text: string, sizeOf: (row: Row) => number = () => 0): KeptStatement<Row> {
    const statement = this.prepare<Row>(text);
    const get = this.#kept.of(
      async (...values) => (await statement.get(...(values as Value[]))) ?? null,
      (row) => (row === null ? 0 : sizeOf(row)),
    );
    return { get: async (...values) => (await get(...values)) ?? undefined };
  }

  async refresh(): Promise<void> {
    // Whoever needs the database says then what is the matter with it.
    await this.#kept.look().catch(() => undefined);
  }

  async check(): Promise<void> {
    await this.#pool.read({ text: 'SELECT 1' });
  }

  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.#ambient.within(work, (whole) =>
      this.#queries.connection().execute(async (connection) => {
        const result = await connection.transaction().execute(whole);
        // Others write meanwhile, and PostgreSQL syncs for all that wait together.
        await sync.execute(connection);
        return result;
      }),
    );
  }

  exclusively<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.#ambient.within(work, (whole) => this.#queries.transaction().execute(whole));
  }

  afterwards(work: () => void): void {
    this.#ambient.afterwards(work);
  }

  alone<T>(name: string, work: (lost: AbortSignal) => Promise<T>): Promise<T | undefined> {
    return this.#locks.alone(name, work);
  }

  async say(text: string): Promise<void> {
    await this.#pool.read({ text: 'SELECT pg_notify($1, $2)', values: [channel, text] });
  }

  listen(listener: Listener): AsyncDisposable {
    return new PostgresListener(this.#address, channel, listener);
  }

  async copyTo(path: string): Promise<void> {
    await this.#pool.snapshot((read) =>
      copyOut(
        {
          read: async <Row>(query: RawBuilder<Row>) => {
            const { sql: text, parameters } = query.compile(this.queries);
            return (await read({ text, values: [...parameters] })).rows as Row[];
          },
        },
        path,
      ),
    );
  }

  /** Its pages have no digests that everybody may ask for. */
  async faults(): Promise<readonly string[]> {
    return [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#locks[Symbol.asyncDispose]();
    await this.#queries.destroy();
  }

  /** It may be starting as well, or be migrated by another copy of the hub. */
  async #start(until: number, mustExist: boolean, onAway: Options['onAway']): Promise<void> {
    let isTold = false;
    for (;;) {
      try {
        await this.#requireUtf8();
        await migrate(this.#queries, postgresWords, mustExist);
        return;
      } catch (error) {
        if (!(error instanceof UnavailableError) || performance.now() > until) throw error;
        if (!isTold) onAway?.(error);
        isTold = true;
        await Bun.sleep(startPause);
      }
    }
  }

  async #requireUtf8(): Promise<void> {
    const [found] = await this.read(
      sql<{ encoding: string }>`SELECT current_setting('server_encoding') AS encoding`,
    );
    if (found?.encoding === 'UTF8') return;
    throw new UnsupportedError(
      `cannot use the PostgreSQL database: its encoding is ${found?.encoding}, UTF8 is needed`,
    );
  }
}

/** `?` is how the hub writes values in prepared statements, which have no question mark otherwise. */
function numbered(text: string): string {
  let count = 0;
  return text.replaceAll('?', () => {
    count += 1;
    return `$${count}`;
  });
}
