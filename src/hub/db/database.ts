/**
 * The hub's database, whichever it is: Kysely for whatever is written or asked for now and then, prepared statements for the reads
 * that every pull repeats. SQLite in sqlite-database.ts, PostgreSQL in postgres-database.ts.
 */
import type { Kysely, RawBuilder } from 'kysely';
import type { Schema } from './schema.ts';
import type { Transaction } from './transaction.ts';
import type { Words } from './words.ts';

export type Queries = Kysely<Schema>;

export type Value = string | number | null;

/** A read of one row that is not repeated as long as it would give the same. */
export interface KeptStatement<Row> {
  get(...values: readonly Value[]): Promise<Row | undefined>;
}

/** A read, prepared once. It sees what is committed, never the middle of a transaction. */
export interface Statement<Row> extends KeptStatement<Row> {
  all(...values: readonly Value[]): Promise<readonly Row[]>;
}

export interface Listener {
  readonly hear: (text: string) => void;
  /** What was said before may have been missed. */
  readonly missed: () => void;
}

/** How busy the connections to a server are. */
export interface ConnectionLoad {
  readonly inUse: number;
  readonly idle: number;
  readonly max: number;
  /** Work that waits for a connection, and that waits for its turn to write. */
  readonly waiting: number;
  readonly waitingToWrite: number;
}

/** Rows are the same from both: numbers for whole numbers and truth values, bytes as `Uint8Array`, texts in the order of their bytes. */
export interface HubDatabase extends AsyncDisposable {
  /** A write outside a transaction is one by itself, and exclusive too. Within one these are the transaction's. */
  readonly queries: Queries;
  readonly words: Words;

  /** @param text portable SQL with `?` for values. */
  prepare<Row>(text: string): Statement<Row>;

  /** A read whose text differs from call to call; like a prepared one it waits for no transaction. */
  read<Row>(query: RawBuilder<Row>): Promise<readonly Row[]>;

  /**
   * As `prepare`, for one row that every request asks for: an answer is kept until something is written, by whomever. It is the
   * same object each time.
   * @param text the values are names, digests and numbers, without a NUL.
   * @param sizeOf what a row holds beside small values, in bytes; large ones are not kept.
   */
  prepareKept<Row>(text: string, sizeOf?: (row: Row) => number): KeptStatement<Row>;

  /** Once it resolves whatever anybody had written is seen, also by what is kept. Where a request begins; never rejects. */
  refresh(): Promise<void>;

  /** @throws whatever keeps the database from answering. */
  check(): Promise<void>;

  /** Undefined where there is no server. */
  readonly load: ConnectionLoad | undefined;

  /**
   * All of it happens and is on the disk, or nothing. Transactions run one after the other. One that begins while the work of
   * another goes on is a part of that: it ends with it, well or not.
   */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;

  /**
   * Runs while nobody else writes, in this process or another: what it reads stays so until it ends. What it writes is there for
   * everybody then, and on the disk with the next transaction: for links of blobs, which lose nothing in a power cut.
   */
  exclusively<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;

  /** Runs once the transaction around has ended well and is on the disk; at once where there is none. */
  afterwards(work: () => void): void;

  /**
   * Runs a work that only one copy of the hub may run at a time, whoever of them begins first. With SQLite only this process is
   * looked at: there are no copies.
   * @param name the work's.
   * @param work what it is given aborts when the connection to the database is lost: another copy may begin then.
   * @returns undefined, and nothing was run, while a work of that name goes on.
   * @throws UnavailableError when the database does not answer; whatever the work throws.
   */
  alone<T>(name: string, work: (lost: AbortSignal) => Promise<T>): Promise<T | undefined>;

  /**
   * Tells something to all copies of the hub that listen, this one too. With SQLite nobody does.
   * @param text of less than 8000 bytes.
   * @throws UnavailableError when the database does not answer.
   */
  say(text: string): Promise<void>;

  /** Hears what any copy says, until disposed. */
  listen(listener: Listener): AsyncDisposable;

  /**
   * Writes all rows as they are in this moment to an SQLite file that this program opens, while others go on writing. It keeps this
   * process busy meanwhile: for commands of the shell.
   * @param path absent, or empty; not synced.
   * @throws ConflictError where the hub has been moved to another database.
   */
  copyTo(path: string): Promise<void>;

  /** What the database itself says of damage to its files, a line each. @param isQuick leaves out what takes long. */
  faults(isQuick: boolean): Promise<readonly string[]>;
}
