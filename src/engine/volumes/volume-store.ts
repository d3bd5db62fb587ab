/**
 * Volumes of the `local` driver: a directory each, and a row that remembers its name, labels and whether it was named
 * by nobody (anonymous: goes with its container on `rm -v` and `--rm`).
 */
import type { Database } from 'bun:sqlite';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ConflictError, InvalidError, NotFoundError } from '../../lib/errors.ts';

export const volumeSchema = `
  CREATE TABLE volume (
    name TEXT PRIMARY KEY,
    created TEXT NOT NULL,
    anonymous INTEGER NOT NULL,
    labels TEXT NOT NULL,
    options TEXT NOT NULL
  ) STRICT`;

export interface VolumeRecord {
  readonly name: string;
  readonly created: string;
  readonly anonymous: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  /** The directory that containers mount. */
  readonly mountpoint: string;
}

export interface NewVolume {
  /** A new 64-digit name where it is not given; the volume is anonymous then. */
  readonly name?: string | undefined;
  readonly driver?: string | undefined;
  readonly labels?: Record<string, string> | undefined;
  readonly options?: Record<string, string> | undefined;
}

interface VolumeRow {
  readonly name: string;
  readonly created: string;
  readonly anonymous: number;
  readonly labels: string;
  readonly options: string;
}

export class VolumeStore {
  readonly #database: Database;
  readonly #directory: string;

  /** @param directory holds `<name>/_data`. */
  constructor(database: Database, directory: string) {
    this.#database = database;
    this.#directory = directory;
  }

  list(): VolumeRecord[] {
    const rows = this.#database.query<VolumeRow, []>('SELECT * FROM volume ORDER BY name').all();
    return rows.map((row) => this.#read(row));
  }

  find(name: string): VolumeRecord | undefined {
    const row = this.#database.query<VolumeRow, [string]>('SELECT * FROM volume WHERE name = ?').get(name);
    return row ? this.#read(row) : undefined;
  }

  /** @throws NotFoundError in docker's words. */
  get(name: string): VolumeRecord {
    const volume = this.find(name);
    if (!volume) throw new NotFoundError(`get ${name}: no such volume`);
    return volume;
  }

  /** Makes the volume; one of that name that exists already is returned as it is. @throws InvalidError */
  async create(request: NewVolume): Promise<VolumeRecord> {
    const name = request.name || randomName();
    if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) {
      throw new InvalidError(
        `create ${name}: "${name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
      );
    }
    if (request.driver && request.driver !== 'local') {
      throw new NotFoundError(
        `error looking up volume plugin ${request.driver}: plugin "${request.driver}" not found`,
      );
    }
    const known = this.find(name);
    if (known) return known;
    await mkdir(this.#data(name), { recursive: true });
    this.#database
      .query(
        'INSERT OR IGNORE INTO volume (name, created, anonymous, labels, options) VALUES (?, ?, ?, ?, ?)',
      )
      .run(
        name,
        new Date().toISOString(),
        request.name ? 0 : 1,
        JSON.stringify(request.labels ?? {}),
        JSON.stringify(request.options ?? {}),
      );
    return this.get(name);
  }

  /**
   * Removes the volume and its files. The row goes first: a crash leaves a directory that `create` takes over.
   * @param users ids of the containers that mount it. @throws NotFoundError, ConflictError when there are any.
   */
  async remove(name: string, users: readonly string[]): Promise<void> {
    this.get(name);
    if (users.length > 0) {
      throw new ConflictError(`remove ${name}: volume is in use - [${users.join(', ')}]`);
    }
    this.#database.query('DELETE FROM volume WHERE name = ?').run(name);
    await rm(join(this.#directory, name), { recursive: true, force: true });
  }

  #data(name: string): string {
    return join(this.#directory, name, '_data');
  }

  #read(row: VolumeRow): VolumeRecord {
    return {
      name: row.name,
      created: row.created,
      anonymous: row.anonymous === 1,
      labels: JSON.parse(row.labels) as Record<string, string>,
      options: JSON.parse(row.options) as Record<string, string>,
      mountpoint: this.#data(row.name),
    };
  }
}

function randomName(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex');
}
