/**
 * Word from other copies of the hub: a connection of its own that PostgreSQL tells what any of them says. It is opened again when
 * it breaks; what was said meanwhile is lost, and whoever listens is told so.
 * https://www.postgresql.org/docs/current/sql-notify.html
 */
import { Client } from 'pg';
import type { Listener } from './database.ts';
import { clientConfigOf, type PostgresAddress } from './postgres-address.ts';

/** In milliseconds. */
const connectTimeout = 5000;
const pause = 500;
/** A server that is gone without a word is noticed by then. */
const lookEvery = 15_000;

export class PostgresListener implements AsyncDisposable {
  readonly #address: PostgresAddress;
  readonly #channel: string;
  readonly #listener: Listener;
  readonly #ended = Promise.withResolvers<void>();
  readonly #running: Promise<void>;
  #isEnded = false;

  /** Listens until disposed. @param channel a name of small letters. */
  constructor(address: PostgresAddress, channel: string, listener: Listener) {
    this.#address = address;
    this.#channel = channel;
    this.#listener = listener;
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    for (let isFirst = true; !this.#isEnded; isFirst = false) {
      if (!isFirst) await Promise.race([Bun.sleep(pause), this.#ended.promise]);
      await this.#listen(isFirst).catch(() => undefined);
    }
  }

  /** Over one connection, until it breaks. */
  async #listen(isFirst: boolean): Promise<void> {
    if (this.#isEnded) return;
    const client = new Client({
      ...clientConfigOf(this.#address),
      connectionTimeoutMillis: connectTimeout,
      query_timeout: connectTimeout,
      keepAlive: true,
      application_name: 'cais hub listener',
    });
    const broken = new Promise<void>((resolve) => client.once('end', resolve));
    // Followed by its end.
    client.on('error', () => undefined);
    client.on('notification', ({ payload }) => this.#listener.hear(payload ?? ''));
    let timer: NodeJS.Timeout | undefined;
    try {
      await client.connect();
      await client.query(`LISTEN ${this.#channel}`);
      if (!isFirst) this.#listener.missed();
      timer = setInterval(() => {
        client.query('SELECT 1').catch(() => client.end().catch(() => undefined));
      }, lookEvery);
      await Promise.race([broken, this.#ended.promise]);
    } finally {
      clearInterval(timer);
      await client.end().catch(() => undefined);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnded = true;
    this.#ended.resolve();
    await this.#running;
  }
}
