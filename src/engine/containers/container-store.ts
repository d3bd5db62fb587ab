/**
 * The containers of this engine: a table in engine.db, mirrored in memory (the engine is its only writer).
 * Names and ids are unique here; everything else of a record is a JSON document.
 */
import type { Database } from 'bun:sqlite';
import { ConflictError, InvalidError, NotFoundError } from '../../lib/errors.ts';
import type { ContainerRecord, ContainerState } from './state.ts';

export const containerSchema = `
  CREATE TABLE container (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    record TEXT NOT NULL
  ) STRICT`;

export class ContainerStore {
  readonly #database: Database;
  readonly #records = new Map<string, ContainerRecord>();
  /** The records in the order of `list`; undefined until somebody asks after a change. */
  #sorted: readonly ContainerRecord[] | undefined;
  readonly #idsByName = new Map<string, string>();
  /** Names of containers that are being created, with their ids. */
  readonly #reserved = new Map<string, string>();

  constructor(database: Database) {
    this.#database = database;
    for (const row of database.query<{ record: string }, []>('SELECT record FROM container').all()) {
      this.#keep(JSON.parse(row.record) as ContainerRecord);
    }
  }

  /** Every container, newest first. */
  list(): readonly ContainerRecord[] {
    this.#sorted ??= [...this.#records.values()].toSorted((a, b) => compare(b.created, a.created));
    return this.#sorted;
  }

  /** The container of this full id. */
  get(id: string): ContainerRecord | undefined {
    return this.#records.get(id);
  }

  /**
   * The container that the user means: by full id, then by name, then by a prefix of the id.
   * @throws NotFoundError when there is none, InvalidError when a prefix fits several.
   */
  resolve(text: string): ContainerRecord {
    const found = this.find(text);
    if (!found) throw new NotFoundError(`No such container: ${text}`);
    return found;
  }

  /** As `resolve`, with undefined for none. */
  find(text: string): ContainerRecord | undefined {
    const name = text.startsWith('/') ? text.slice(1) : text;
    const exact = this.#records.get(text) ?? this.#records.get(this.#idsByName.get(name) ?? '');
    return exact ?? this.#findByPrefix(text);
  }

  #findByPrefix(prefix: string): ContainerRecord | undefined {
    if (!/^[0-9a-f]+$/.test(prefix)) return undefined;
    const matches = [...this.#records.values()].filter((record) => record.id.startsWith(prefix));
    if (matches.length > 1) {
      throw new InvalidError(`multiple IDs found with provided prefix: ${prefix}`);
    }
    return matches[0];
  }

  /** @throws ConflictError in docker's words when the name belongs to another container. */
  assertNameFree(name: string): void {
    const holder = this.#idsByName.get(name) ?? this.#reserved.get(name);
    if (holder === undefined) return;
    throw new ConflictError(
      `Conflict. The container name "/${name}" is already in use by container "${holder}". ` +
        'You have to remove (or rename) that container to be able to reuse that name.',
    );
  }

  isNameFree(name: string): boolean {
    return !this.#idsByName.has(name) && !this.#reserved.has(name);
  }

  /** Keeps a name for the container that is saved with it later. @throws ConflictError when it is not free. */
  reserveName(name: string, id: string): void {
    this.assertNameFree(name);
    this.#reserved.set(name, id);
  }

  /** Idempotent; saving does so, too. */
  releaseName(name: string): void {
    this.#reserved.delete(name);
  }

  /** Writes the record, new or changed, in one statement. @throws ConflictError when its name is taken. */
  save(record: ContainerRecord): ContainerRecord {
    if (this.#reserved.get(record.name) === record.id) this.releaseName(record.name);
    if (this.#idsByName.get(record.name) !== record.id) this.assertNameFree(record.name);
    this.#database
      .query('INSERT OR REPLACE INTO container (id, name, record) VALUES (?, ?, ?)')
      .run(record.id, record.name, JSON.stringify(record));
    this.#forget(record.id);
    this.#keep(record);
    return record;
  }

  /** Saves a change of the state alone. */
  setState(id: string, change: Partial<ContainerState>): ContainerRecord {
    const record = this.resolve(id);
    return this.save({ ...record, state: { ...record.state, ...change } });
  }

  /** Saves a change of the record. */
  update(id: string, change: Partial<ContainerRecord>): ContainerRecord {
    return this.save({ ...this.resolve(id), ...change });
  }

  /** Forgets the container. Idempotent. */
  delete(id: string): void {
    this.#database.query('DELETE FROM container WHERE id = ?').run(id);
    this.#forget(id);
  }

  #keep(record: ContainerRecord): void {
    this.#sorted = undefined;
    this.#records.set(record.id, record);
    this.#idsByName.set(record.name, record.id);
  }

  #forget(id: string): void {
    const old = this.#records.get(id);
    if (old) this.#idsByName.delete(old.name);
    this.#sorted = undefined;
    this.#records.delete(id);
  }
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
