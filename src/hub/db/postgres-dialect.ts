/**
 * Kysely over `pg`, where whoever writes is alone, as in SQLite: transactions, and writes by themselves, of this process one
 * after the other, and of all processes by a lock in the database. So what a transaction has read stays so until it ends, nothing
 * has to be begun anew, and no two wait for each other.
 */
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import type { PoolClient } from 'pg';
import { UnavailableError, UnsupportedError } from '../../lib/errors.ts';
import { describePostgresError } from './postgres-errors.ts';
import { type PostgresPool, release } from './postgres-pool.ts';
import { writerLock } from './postgres-words.ts';
import type { Turns } from './turns.ts';

/** Each statement sees what was committed before it: so does the first one after the lock. */
const beginning = `BEGIN ISOLATION LEVEL READ COMMITTED; ${writerLock}`;

/** @param turns of those who write. @param written after every write and at the end of every transaction. `Kysely.destroy()` closes the pool. */
export function postgresDialect(pool: PostgresPool, turns: Turns, written: () => void): Dialect {
  return {
    createDriver: () => new PostgresDriver(pool, turns, written),
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}

class PostgresDriver implements Driver {
  readonly #pool: PostgresPool;
  readonly #written: () => void;
  /** Before a connection is taken, so that those who wait keep none from those who read. */
  readonly #turns: Turns;

  constructor(pool: PostgresPool, turns: Turns, written: () => void) {
    this.#pool = pool;
    this.#turns = turns;
    this.#written = written;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return new PostgresConnection(this.#pool, this.#turns, this.#written);
  }

  beginTransaction(connection: DatabaseConnection): Promise<void> {
    return ours(connection).begin();
  }

  commitTransaction(connection: DatabaseConnection): Promise<void> {
    return ours(connection).end('COMMIT');
  }

  rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    return ours(connection).end('ROLLBACK');
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    ours(connection).release();
  }

  destroy(): Promise<void> {
    return this.#pool[Symbol.asyncDispose]();
  }
}

function ours(connection: DatabaseConnection): PostgresConnection {
  return connection as PostgresConnection;
}

/**
 * One of the pool's from the beginning of a transaction until Kysely lets go of it, so that what follows the transaction is asked
 * of the same; otherwise any of them for each statement.
 */
class PostgresConnection implements DatabaseConnection {
  readonly #pool: PostgresPool;
  readonly #turns: Turns;
  readonly #written: () => void;
  #client: PoolClient | undefined;
  /** While a transaction goes on. */
  #endTurn: (() => void) | undefined;
  #failure: unknown;

  constructor(pool: PostgresPool, turns: Turns, written: () => void) {
    this.#pool = pool;
    this.#turns = turns;
    this.#written = written;
  }

  async begin(): Promise<void> {
    this.#endTurn = await this.#turns.take();
    try {
      this.#client ??= await this.#pool.connect();
      await this.#send(this.#client, { text: beginning });
    } catch (error) {
      await this.end('ROLLBACK');
      throw error;
    }
  }

  /** A rollback never fails: a connection that cannot even do that is closed, and PostgreSQL undoes it. */
  async end(how: 'COMMIT' | 'ROLLBACK'): Promise<void> {
    try {
      if (this.#client) await this.#send(this.#client, { text: how });
    } catch (error) {
      if (how === 'COMMIT') throw error;
    } finally {
      this.#endTurn?.();
      this.#endTurn = undefined;
      this.#written();
    }
  }

  release(): void {
    if (this.#client) release(this.#client, this.#failure);
    this.#client = undefined;
  }

  async executeQuery<R>({ sql: text, parameters, query }: CompiledQuery): Promise<QueryResult<R>> {
    const statement = { text, values: [...parameters] };
    const alone = this.#endTurn === undefined && writes.has(query.kind);
    if (!alone) {
      const answer = this.#client ? this.#send(this.#client, statement) : this.#pool.read(statement);
      return resultOf(await answer);
    }
    await this.begin();
    try {
      const result = await this.#send(this.#client, statement);
      await this.end('COMMIT');
      return resultOf(result);
    } catch (error) {
      await this.end('ROLLBACK');
      throw error;
    }
  }

  streamQuery(): AsyncIterableIterator<never> {
    throw new UnsupportedError('rows are not streamed');
  }

  async #send(
    client: PoolClient | undefined,
    statement: { readonly text: string; readonly values?: unknown[] },
  ): Promise<Answer> {
    try {
      if (!client) throw new UnavailableError('the database does not answer');
      return await this.#pool.send(client, statement);
    } catch (error) {
      this.#failure = error;
      throw describePostgresError(error);
    }
  }
}

interface Answer {
  readonly rows: unknown[];
  readonly rowCount: number | null;
}

/** Outside transactions nothing is written by raw statements. */
const writes: ReadonlySet<string> = new Set(['InsertQueryNode', 'UpdateQueryNode', 'DeleteQueryNode']);

function resultOf<R>({ rows, rowCount }: Answer): QueryResult<R> {
  return { rows: rows as R[], numAffectedRows: BigInt(rowCount ?? 0) };
}
