/**
 * Puts SQLite's write-ahead log on the disk, where a transaction is once it is to last. Not by SQLite itself, which would keep the
 * whole hub waiting for the disk; and transactions that end while one sync runs share the next.
 * Every committed transaction is in the log or, by a checkpoint, which syncs both, in the database file. https://sqlite.org/wal.html
 */
import { closeSync, fdatasync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { syncDirectory } from '../../lib/atomic-file.ts';
import { SharedRun } from './shared-run.ts';

const syncToDisk = promisify(fdatasync);

export class LogSync implements Disposable {
  readonly #descriptor: number;
  readonly #sync: SharedRun;

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
    this.#sync = new SharedRun(() => syncToDisk(descriptor));
  }

  /** @param path the database, which is open and in WAL mode: its log stays the same file until it is closed. */
  static async open(path: string): Promise<LogSync> {
    // SQLite locks the other two files, never this one: closing it ends no lock.
    const descriptor = openSync(`${path}-wal`, 'r');
    await syncDirectory(dirname(path));
    return new LogSync(descriptor);
  }

  /** Resolves when all that was committed before the call is on the disk. @throws what the disk says. */
  sync(): Promise<void> {
    return this.#sync.ask();
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }
}
