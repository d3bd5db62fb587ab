/** Volumes of the `local` driver: a directory each, and a row that remembers its name, labels and options. */
import type { Database } from 'bun:sqlite';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ConflictError, InvalidError, NotFoundError, errnoOf, messageOf } from '../../lib/errors.ts';
import { KeyedLock } from '../containers/keyed-lock.ts';
import { validateDriverOptions } from './driver-options.ts';
import { unmountVolume } from './mount-volume.ts';
import { removedPrefix, sweepVolumes } from './sweep.ts';

export const volumeSchema = `
  CREATE TABLE volume (
    name TEXT PRIMARY KEY,
    created TEXT NOT NULL,
    anonymous INTEGER NOT NULL,
    labels TEXT NOT NULL,
    options TEXT NOT NULL
  ) STRICT`;

/** Marks a volume that nobody gave a name, as docker does: prune goes by it. */
const anonymousLabel = 'com.docker.volume.anonymous';

type Texts = Readonly<Record<string, string>>;

export interface VolumeRecord {
  readonly name: string;
  /** RFC 3339, to the second. */
  readonly created: string;
  readonly anonymous: boolean;
  /** Null where none were given, here and below: the API tells it from an empty map. */
  readonly labels: Texts | null;
  readonly options: Texts | null;
  /** The directory that containers mount. */
  readonly mountpoint: string;
}

export interface NewVolume {
  /** A new 64-digit name where it is not given; the volume is anonymous then. */
  readonly name?: string | undefined;
  readonly driver?: string | undefined;
  readonly labels?: Texts | undefined;
  readonly options?: Texts | undefined;
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
  readonly #locks = new KeyedLock();
  /** Containers that are being created, by the volume's name: it is not to go under their hands. */
  readonly #holders = new Map<string, Set<string>>();

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

  /**
   * Makes the volume; one of that name that exists already is returned as it is.
   * @param holder keeps it from being removed until `letGo`. @throws InvalidError, NotFoundError in docker's words.
   */
  async create(
    request: NewVolume,
    holder?: string,
  ): Promise<{ readonly volume: VolumeRecord; readonly isNew: boolean }> {
    const name = request.name || randomName();
    return await this.#locks.run(name, async () => {
      const known = this.find(name);
      requireLocalDriver(name, request.driver);
      if (!known) await this.#make(name, request);
      if (holder !== undefined) this.#hold(name, holder);
      return { volume: known ?? this.get(name), isNew: !known };
    });
  }

  async #make(name: string, { name: asked, labels, options }: NewVolume): Promise<void> {
    validate(name, options ?? {});
    await mkdir(this.#data(name), { recursive: true });
    const isAnonymous = !asked;
    const allLabels = isAnonymous ? { ...labels, [anonymousLabel]: '' } : labels;
    this.#database
      .query('INSERT INTO volume (name, created, anonymous, labels, options) VALUES (?, ?, ?, ?, ?)')
      .run(
        name,
        new Date().toISOString().replace(/\.\d+/, ''),
        isAnonymous ? 1 : 0,
        JSON.stringify(allLabels ?? null),
        JSON.stringify(options ?? null),
      );
  }

  /**
   * Removes the volume and its files. Its directory gets another name first: what a crash leaves then, `recover` finds,
   * and no new volume of that name finds the old one's files.
   * @param users ids of the containers that mount it. @throws NotFoundError, ConflictError when there are any.
   */
  async remove(name: string, users: readonly string[]): Promise<void> {
    await this.#locks.run(name, async () => {
      const { mountpoint } = this.get(name);
      const all = [...new Set([...users, ...(this.#holders.get(name) ?? [])])];
      if (all.length > 0) throw new ConflictError(`remove ${name}: volume is in use - [${all.join(', ')}]`);
      unmountVolume(mountpoint);
      const removed = join(this.#directory, `${removedPrefix}${name}`);
      await rm(removed, { recursive: true, force: true });
      await rename(join(this.#directory, name), removed).catch(ignoreMissing);
      this.#database.query('DELETE FROM volume WHERE name = ?').run(name);
      await rm(removed, { recursive: true, force: true });
    });
  }

  /** Idempotent. */
  letGo(holder: string): void {
    for (const [name, holders] of this.#holders) {
      if (holders.delete(holder) && holders.size === 0) this.#holders.delete(name);
    }
  }

  /** After a crash: ends removals that had begun, and takes away directories that never became a volume. */
  async recover(): Promise<void> {
    const finished = await sweepVolumes(this.#directory, (name) => this.find(name) !== undefined);
    for (const name of finished) this.#database.query('DELETE FROM volume WHERE name = ?').run(name);
  }

  #hold(name: string, holder: string): void {
    this.#holders.set(name, (this.#holders.get(name) ?? new Set()).add(holder));
  }

  #data(name: string): string {
    return join(this.#directory, name, '_data');
  }

  #read(row: VolumeRow): VolumeRecord {
    const labels = JSON.parse(row.labels) as Texts | null;
    return {
      name: row.name,
      created: row.created,
      anonymous: row.anonymous === 1 || labels?.[anonymousLabel] !== undefined,
      labels,
      options: JSON.parse(row.options) as Texts | null,
      mountpoint: this.#data(row.name),
    };
  }
}

function validate(name: string, options: Texts): void {
  try {
    if (name.length === 1) {
      throw new InvalidError(
        'volume name is too short, names should be at least two alphanumeric characters',
      );
    }
    if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) {
      throw new InvalidError(
        `${JSON.stringify(name)} includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
      );
    }
    if (name.length > maxName)
      throw new InvalidError(`volume name is too long: at most ${maxName} characters`);
    validateDriverOptions(options);
  } catch (cause) {
    throw new InvalidError(`create ${name}: ${messageOf(cause)}`, { cause });
  }
}

/** As long as a directory's name may be, with the prefix of one that is on its way out. */
const maxName = 255 - removedPrefix.length;

function requireLocalDriver(name: string, driver: string | undefined): void {
  if (!driver || driver === 'local') return;
  throw new NotFoundError(
    `create ${name}: error looking up volume plugin ${driver}: plugin "${driver}" not found`,
  );
}

function ignoreMissing(error: unknown): void {
  if (errnoOf(error) !== 'ENOENT') throw error;
}

function randomName(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex');
}
