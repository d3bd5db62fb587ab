/**
 * Where backups are kept: `generations/NAME/` for each, and `blobs/`, which they share; a blob that did not change is there already.
 * Everything in it is its owner's only, since the rows and the keys are secrets.
 */
import { Database as SqliteFile, SQLiteError } from 'bun:sqlite';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory, writeFileAtomic } from '../../lib/atomic-file.ts';
import { ConflictError, errnoOf, InvalidError, messageOf, NotFoundError } from '../../lib/errors.ts';
import type { ContentStore } from '../../oci/content/content-store.ts';
import { DiskContentStore } from '../../oci/content/disk-content-store.ts';
import type { Digest } from '../../oci/image/digest.ts';
import { type BackupManifest, formatVersion, Generation } from './generation.ts';

const markerName = 'cais-backup.json';
const lockName = 'lock.sqlite';
const generationForm = /^\d{6,}-[\dTZ-]+$/;

export interface WholeGeneration {
  readonly generation: Generation;
  readonly manifest: BackupManifest;
}

export class BackupDirectory implements Disposable {
  readonly path: string;
  readonly contents: ContentStore;
  readonly #lock: Disposable;

  private constructor(path: string, lock: Disposable) {
    this.path = path;
    this.contents = new DiskContentStore(path);
    this.#lock = lock;
  }

  /** To write to it, alone. Made when absent. @throws InvalidError for a directory of something else; ConflictError */
  static async openToWrite(path: string): Promise<BackupDirectory> {
    await mkdir(join(path, 'generations'), { recursive: true, mode: 0o700 }).catch((error: unknown) => {
      throw new InvalidError(`cannot make the backup directory ${path}: ${messageOf(error)}`, {
        cause: error,
      });
    });
    const names = await readdir(path);
    if (!names.includes(markerName)) {
      const others = names.filter((name) => name !== 'generations' && name !== lockName && name[0] !== '.');
      if (others.length > 0) {
        throw new InvalidError(
          `${path} holds something else: give an empty directory, or one that backups are in`,
        );
      }
      await writeFileAtomic(join(path, markerName), `${JSON.stringify({ formatVersion })}\n`, 0o600);
    }
    return new BackupDirectory(path, lock(path, 'write'));
  }

  /** To read from it, maybe with others. @throws NotFoundError where there is none */
  static async openToRead(path: string): Promise<BackupDirectory> {
    if (!(await Bun.file(join(path, markerName)).exists())) {
      throw new NotFoundError(`there are no backups in ${path}`);
    }
    return new BackupDirectory(path, lock(path, 'read'));
  }

  /** A new one, empty. It counts once it has a manifest. */
  async begin(): Promise<Generation> {
    const last = Number((await this.#names()).at(-1)?.split('-')[0] ?? 0);
    const time = new Date().toISOString().replace(/\.\d+/, '').replaceAll(':', '-');
    const generation = new Generation(this.#parent, `${String(last + 1).padStart(6, '0')}-${time}`);
    await mkdir(generation.secretsDirectory, { recursive: true, mode: 0o700 });
    return generation;
  }

  /** From here on it is a backup. */
  async finish(generation: Generation, manifest: BackupManifest): Promise<void> {
    await syncDirectory(this.#parent);
    await writeFileAtomic(generation.manifestPath, `${JSON.stringify(manifest, null, 2)}\n`, 0o600);
  }

  /** Oldest first. Those that were cut off are none. */
  async list(): Promise<readonly WholeGeneration[]> {
    const whole: WholeGeneration[] = [];
    for (const name of await this.#names()) {
      const generation = new Generation(this.#parent, name);
      const manifest = await generation.manifest();
      if (manifest) whole.push({ generation, manifest });
    }
    return whole;
  }

  /** @param name undefined: the newest. @throws NotFoundError */
  async find(name: string | undefined): Promise<WholeGeneration> {
    const all = await this.list();
    const found = name === undefined ? all.at(-1) : all.find(({ generation }) => generation.name === name);
    if (found) return found;
    throw new NotFoundError(
      name === undefined ? `there is no complete backup in ${this.path}` : `there is no backup ${name}`,
    );
  }

  /**
   * Removes all but the newest, and then the blobs that none of those needs. Cut off, it has only done less.
   * @param keep how many; at least one. The names of those that went, and the bytes that did.
   */
  async prune(keep: number): Promise<{ readonly removed: readonly string[]; readonly bytes: number }> {
    const all = await this.list();
    const going = all.slice(0, Math.max(all.length - keep, 0));
    for (const { generation } of going) {
      // Without its manifest it is no backup, whenever this ends.
      await rm(generation.manifestPath);
      await syncDirectory(generation.directory);
    }
    await this.sweep();
    const needed = new Set<Digest>();
    for (const { generation } of await this.list()) {
      for (const { digest } of generation.blobs()) needed.add(digest);
    }
    let bytes = 0;
    for await (const { digest, size } of this.contents.list()) {
      if (needed.has(digest)) continue;
      await this.contents.delete(digest);
      bytes += size;
    }
    await this.contents.sweepIngests(new Date(8.64e15));
    return { removed: going.map(({ generation }) => generation.name), bytes };
  }

  /** Removes what backups that were cut off have left, but the blobs, which the next one goes on with. */
  async sweep(): Promise<void> {
    for (const name of await this.#names()) {
      const generation = new Generation(this.#parent, name);
      if (await Bun.file(generation.manifestPath).exists()) continue;
      await rm(generation.directory, { recursive: true });
    }
  }

  get #parent(): string {
    return join(this.path, 'generations');
  }

  async #names(): Promise<readonly string[]> {
    return (await readdir(this.#parent))
      .filter((name) => generationForm.test(name))
      .toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  }

  [Symbol.dispose](): void {
    this.#lock[Symbol.dispose]();
  }
}

/** SQLite's lock on a file, which ends with the process in whatever way. Readers need no right to write. */
function lock(path: string, how: 'read' | 'write'): Disposable {
  let file: SqliteFile | undefined;
  try {
    file = new SqliteFile(join(path, lockName), how === 'write' ? { create: true } : { readonly: true });
    file.run(how === 'write' ? 'BEGIN EXCLUSIVE' : 'BEGIN');
    file.query('SELECT * FROM sqlite_master').all();
  } catch (error) {
    file?.close();
    if (errnoOf(error) === 'SQLITE_BUSY') {
      throw new ConflictError(`${path} is in use by another backup, prune or restore: wait for its end`, {
        cause: error,
      });
    }
    // On a medium that cannot be written to nobody writes.
    if (how === 'read' && error instanceof SQLiteError) return { [Symbol.dispose]: () => undefined };
    throw error;
  }
  const locked = file;
  return { [Symbol.dispose]: () => locked.close() };
}
