/**
 * Connections to PostgreSQL, a bounded number of them. While it is away whoever asks is told so at once, and it is tried again
 * after longer and longer times.
 */
import { Pool, type PoolClient, type QueryConfig, type QueryResult, types } from 'pg';
import { UnavailableError } from '../../lib/errors.ts';
import { clientConfigOf, type PostgresAddress } from './postgres-address.ts';
import type { ConnectionLoad } from './database.ts';
import type { Statements } from './statements.ts';
import { describePostgresError, isConnectionLoss } from './postgres-errors.ts';

/** In milliseconds. */
const connectTimeout = 5000;
const idleTimeout = 60_000;
const firstPause = 100;
const longestPause = 5000;

/**
 * Of each connection. Commits wait for no disk: a transaction that has to last waits for it afterwards, as PostgresDatabase does.
 * A copy of the hub that is stuck in a transaction would keep the others from writing.
 */
const session = `SET synchronous_commit = off; SET statement_timeout = '30s';
  SET idle_in_transaction_session_timeout = '60s'; SET client_min_messages = warning`;

export class PostgresPool implements AsyncDisposable {
  readonly #pool: Pool;
  readonly #statements: Statements;
  readonly #max: number;
  #pause = 0;
  /** By a clock that nobody sets. */
  #pausedUntil = 0;
  /** Those that have their session's settings. */
  readonly #ready = new WeakSet<PoolClient>();
  #made = 0;

  constructor(address: PostgresAddress, statements: Statements) {
    this.#statements = statements;
    this.#max = address.poolSize;
    this.#pool = new Pool({
      ...clientConfigOf(address),
      max: address.poolSize,
      connectionTimeoutMillis: connectTimeout,
      idleTimeoutMillis: idleTimeout,
      keepAlive: true,
      application_name: 'cais hub',
      types: { getTypeParser: parserOf as typeof types.getTypeParser },
    });
    // One that ends while nobody uses it: the pool has let go of it, the next one who asks gets a new one.
    this.#pool.on('error', () => undefined);
  }

  /** Connections so far. A server that crashed, and may have lost what waited for no disk, is reached over new ones only. */
  get made(): number {
    return this.#made;
  }

  get load(): Omit<ConnectionLoad, 'waitingToWrite'> {
    const { totalCount, idleCount, waitingCount } = this.#pool;
    return { inUse: totalCount - idleCount, idle: idleCount, max: this.#max, waiting: waitingCount };
  }

  /** One statement over this connection. */
  async send(client: PoolClient, query: QueryConfig): Promise<QueryResult> {
    return await this.#statements.run(query.text, () => client.query(query));
  }

  /** Give it back with `release`. @throws UnavailableError */
  async connect(): Promise<PoolClient> {
    if (performance.now() < this.#pausedUntil) throw new UnavailableError('the database does not answer');
    try {
      const client = await this.#pool.connect();
      if (!this.#ready.has(client)) await this.#begin(client);
      this.#pause = 0;
      return client;
    } catch (error) {
      this.#pause = Math.min(Math.max(this.#pause * 2, firstPause), longestPause);
      this.#pausedUntil = performance.now() + this.#pause;
      throw describePostgresError(error);
    }
  }

  /** A read, by itself: begun anew where its connection was lost. */
  async read(query: QueryConfig): Promise<QueryResult> {
    try {
      return await this.#once(query);
    } catch (error) {
      if (!isConnectionLoss(error)) throw describePostgresError(error);
    }
    try {
      return await this.#once(query);
    } catch (error) {
      throw describePostgresError(error);
    }
  }

  /** Reads that all see the rows as they were at the first of them. @throws UnavailableError when the connection is lost. */
  async snapshot<T>(work: (read: (query: QueryConfig) => Promise<QueryResult>) => Promise<T>): Promise<T> {
    const client = await this.connect();
    let failure: unknown;
    try {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      return await work(async (query) => {
        try {
          return await client.query(query);
        } catch (error) {
          failure = error;
          throw describePostgresError(error);
        }
      });
    } finally {
      await client.query('ROLLBACK').catch((error: unknown) => (failure = error));
      release(client, failure);
    }
  }

  async #begin(client: PoolClient): Promise<void> {
    this.#made += 1;
    // Told again to whoever sends the next statement.
    client.on('error', () => undefined);
    try {
      await client.query(session);
    } catch (error) {
      client.release(true);
      throw error;
    }
    this.#ready.add(client);
  }

  async #once(query: QueryConfig): Promise<QueryResult> {
    const client = await this.connect();
    let failure: unknown;
    try {
      return await this.send(client, query);
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      release(client, failure);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.end();
  }
}

/** @param failure what its last statement threw: a connection that was lost is not used again. */
export function release(client: PoolClient, failure?: unknown): void {
  client.release(failure !== undefined && isConnectionLoss(failure));
}

const asNumber = (text: string): number => Number(text);
/** As SQLite gives them. A sum of BIGINTs is a NUMERIC. */
const parsers: ReadonlyMap<number, (text: string) => unknown> = new Map<number, (text: string) => unknown>([
  [types.builtins.BOOL, (text) => (text === 't' ? 1 : 0)],
  [types.builtins.INT8, asNumber],
  [types.builtins.NUMERIC, asNumber],
]);

const parserOfDriver = types.getTypeParser as (oid: number, format: 'text') => (value: string) => unknown;

function parserOf(oid: number, format: 'text' | 'binary' = 'text'): (value: string) => unknown {
  return (format === 'text' ? parsers.get(oid) : undefined) ?? parserOfDriver(oid, 'text');
}
