/**
 * Copies a hub while it serves: all rows as they are in one moment, then the blobs that those rows name, of which only those are
 * copied that no earlier backup has. Nobody removes bytes meanwhile. Cut off at any instant, it is no backup, and the next one goes
 * on with what has been copied.
 */
import { Database as SqliteFile } from 'bun:sqlite';
import { chmod, copyFile, mkdir, open, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncDirectory } from '../../lib/atomic-file.ts';
import { errnoOf } from '../../lib/errors.ts';
import type { ContentStore } from '../../oci/content/content-store.ts';
import type { HubDatabase } from '../db/database.ts';
import type { BackupDirectory } from './backup-directory.ts';
import { copyBlobs, type Copied, type CopyReport, type DamagedBlob } from './copy-blobs.ts';
import {
  type BackupFile,
  type BackupManifest,
  databaseName,
  describeFile,
  formatVersion,
  type Generation,
  schemaVersionOf,
} from './generation.ts';
import type { HoldStore } from './hold-store.ts';

export interface BackupParts {
  readonly database: HubDatabase;
  readonly contents: ContentStore;
  readonly holds: HoldStore;
}

export interface Backup {
  readonly generation: Generation;
  readonly manifest: BackupManifest;
  readonly copied: Copied;
}

/** In the hub's directory: what the database and the stores have, and what is made anew. All else is a secret or a setting. */
const others = /^(?:hub\.sqlite.*|blobs|ingest|layer-lists|restoring.*)$/;

/**
 * @param directory the hub's.
 * @param report of a blob that the hub itself has no right bytes of, too: the backup goes on without.
 * @throws ConflictError where the hub has been moved to another database.
 */
export async function backUp(
  { database, contents, holds }: BackupParts,
  directory: string,
  target: BackupDirectory,
  report: CopyReport,
): Promise<Backup> {
  await target.sweep();
  await using _ = await holds.take('backup');
  const generation = await target.begin();
  const createdAt = new Date().toISOString();
  await copyDatabase(database, generation);
  const secrets = await copySecrets(directory, generation.secretsDirectory);
  const damaged: DamagedBlob[] = [];
  const total = { count: 0, bytes: 0 };
  const copied = await copyBlobs(contents, target.contents, counted(generation.blobs(), total), {
    onProgress: (so) => report.onProgress(so),
    onDamage(damage) {
      damaged.push(damage);
      report.onDamage(damage);
    },
  });
  const manifest: BackupManifest = {
    formatVersion,
    createdAt,
    schemaVersion: schemaVersionOf(generation.databasePath),
    database: { path: databaseName, ...(await describeFile(generation.databasePath)) },
    secrets,
    blobs: total,
    damaged,
  };
  await target.finish(generation, manifest);
  return { generation, manifest, copied };
}

function* counted<T extends { readonly size: number }>(
  blobs: Iterable<T>,
  total: { count: number; bytes: number },
): Generator<T, void, undefined> {
  for (const blob of blobs) {
    total.count += 1;
    total.bytes += blob.size;
    yield blob;
  }
}

async function copyDatabase(database: HubDatabase, { databasePath }: Generation): Promise<void> {
  // There before it holds anything, so that it never has another mode.
  await (await open(databasePath, 'wx', 0o600)).close();
  await database.copyTo(databasePath);
  forgetCache(databasePath);
  await syncFile(databasePath);
}

/** What upstream registries have is not copied, and a hub without its bytes ought not to know of it. */
function forgetCache(path: string): void {
  using file = new SqliteFile(path);
  file.run('PRAGMA foreign_keys = ON');
  for (const table of ['cached_blobs', 'cached_repositories']) file.run(`DELETE FROM ${table}`);
}

async function copySecrets(from: string, to: string): Promise<BackupFile[]> {
  const files: BackupFile[] = [];
  for (const path of await filesOf(from)) {
    const target = join(to, path);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    try {
      await copyFile(join(from, path), target);
    } catch (error) {
      // A key that was replaced in this moment.
      if (errnoOf(error) === 'ENOENT') continue;
      throw error;
    }
    await chmod(target, 0o600);
    await syncFile(target);
    files.push({ path, ...(await describeFile(target)) });
  }
  return files;
}

/** Plain files, by their paths below the directory; what is being written has a name that begins with a dot. */
async function filesOf(directory: string): Promise<readonly string[]> {
  const found: string[] = [];
  const visit = async (below: string): Promise<void> => {
    for (const entry of await readdir(join(directory, below), { withFileTypes: true })) {
      const path = join(below, entry.name);
      if (entry.name.startsWith('.') || (below === '' && others.test(entry.name))) continue;
      if (entry.isDirectory()) await visit(path);
      else if (entry.isFile()) found.push(path);
    }
  };
  await visit('');
  return found.toSorted();
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await syncDirectory(dirname(path));
}
