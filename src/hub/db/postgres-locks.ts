/**
 * Works that only one copy of the hub may run at a time: a lock of a session, so over a connection that is not the pool's. When the
 * connection breaks PostgreSQL gives its locks to others, and the works are told.
 * https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
 */
import { Client } from 'pg';
import { clientConfigOf, type PostgresAddress } from './postgres-address.ts';
import { describePostgresError } from './postgres-errors.ts';
import { endWorkLock, takeWorkLock } from './postgres-words.ts';

/** In milliseconds. */
const connectTimeout = 5000;
const queryTimeout = 10_000;

/** A server that hears nothing more of a copy's machine gives its locks to others within a minute. */
const session =
  'SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3';

export class PostgresLocks implements AsyncDisposable {
  readonly #address: PostgresAddress;
  /** By this process: a session gets a lock that it has once more. */
  readonly #running = new Set<string>();
  #session: Promise<LockSession> | undefined;

  constructor(address: PostgresAddress) {
    this.#address = address;
  }

  /** As `HubDatabase.alone`. @throws UnavailableError when the database does not answer. */
  async alone<T>(name: string, work: (lost: AbortSignal) => Promise<T>): Promise<T | undefined> {
    if (this.#running.has(name)) return undefined;
    this.#running.add(name);
    try {
      const locks = await this.#connect();
      if (!(await locks.take(name))) return undefined;
      try {
        return await work(locks.lost);
      } finally {
        await locks.giveBack(name);
      }
    } finally {
      this.#running.delete(name);
    }
  }

  async #connect(): Promise<LockSession> {
    this.#session ??= LockSession.open(this.#address, () => (this.#session = undefined));
    try {
      return await this.#session;
    } catch (error) {
      this.#session = undefined;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await this.#session?.catch(() => undefined);
    await opened?.end();
  }
}

class LockSession {
  readonly #client: Client;
  readonly #lost = new AbortController();

  private constructor(client: Client, ended: () => void) {
    this.#client = client;
    client.once('end', () => {
      ended();
      this.#lost.abort();
    });
  }

  /** @param ended when it has no locks any more, for whatever reason. */
  static async open(address: PostgresAddress, ended: () => void): Promise<LockSession> {
    const client = new Client({
      ...clientConfigOf(address),
      connectionTimeoutMillis: connectTimeout,
      query_timeout: queryTimeout,
      keepAlive: true,
      keepAliveInitialDelayMillis: 30_000,
      application_name: 'cais hub locks',
    });
    // Followed by its end.
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query(session);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw describePostgresError(error);
    }
    return new LockSession(client, ended);
  }

  /** Aborts when what was locked may be somebody else's. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async take(name: string): Promise<boolean> {
    try {
      const { rows } = await this.#client.query<{ taken: boolean }>(takeWorkLock, [name]);
      return rows[0]?.taken === true;
    } catch (error) {
      // It may have been given, unheard.
      await this.end();
      throw describePostgresError(error);
    }
  }

  /** Never fails: with its connection a lock ends in any case. */
  async giveBack(name: string): Promise<void> {
    await this.#client.query(endWorkLock, [name]).catch(() => this.end());
  }

  async end(): Promise<void> {
    await this.#client.end().catch(() => undefined);
  }
}
