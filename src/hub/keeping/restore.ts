/**
 * Makes a hub of a backup, where there is none: blobs, then secrets, then the rows, with which it is there. So one that is cut off
 * has made no hub, and goes on with what it has when it is run again. Whichever database the rows come from, they go into the one
 * that the settings name.
 */
import { chmod, copyFile, link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncDirectory, writeFileAtomic } from '../../lib/atomic-file.ts';
import { ConflictError, errnoOf } from '../../lib/errors.ts';
import type { HubConfig } from '../config.ts';
import { moveDatabase, requireEmpty } from '../db/move/move-database.ts';
import { SqliteDatabase } from '../db/sqlite-database.ts';
import { openBlobs } from '../storage/open-blobs.ts';
import type { BackupDirectory, WholeGeneration } from './backup-directory.ts';
import { copyBlobs, type Copied, type CopyReport } from './copy-blobs.ts';
import type { Generation } from './generation.ts';

/**
 * @param report of a blob that the backup has no right bytes of, too: pulls of what needs it fail until it is pushed again.
 * @throws ConflictError where there is a hub already; CorruptError where the backup's own files are damaged.
 */
export async function restore(
  config: HubConfig,
  source: BackupDirectory,
  { generation, manifest }: WholeGeneration,
  report: CopyReport,
): Promise<Copied> {
  await generation.verify(manifest);
  await requireNoHub(config);
  await mkdir(config.directory, { recursive: true, mode: 0o700 });
  const { contents } = await openBlobs(config);
  const copied = await copyBlobs(source.contents, contents, generation.blobs(), report);
  for (const { path } of manifest.secrets) {
    const target = join(config.directory, path);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await writeFileAtomic(target, await readFile(join(generation.secretsDirectory, path)), 0o600);
  }
  await restoreRows(config, generation);
  return copied;
}

async function requireNoHub({ databasePath, postgres }: HubConfig): Promise<void> {
  if (!postgres) {
    if (!(await Bun.file(databasePath).exists())) return;
    throw new ConflictError(
      `there is a hub already: ${databasePath} exists. Restore into another --data, or move that directory away`,
    );
  }
  const { PostgresDatabase } = await import('../db/postgres-database.ts');
  await using target = await PostgresDatabase.open(postgres);
  if (!(await target.isBeingFilled())) await requireEmpty(target);
}

async function restoreRows(config: HubConfig, generation: Generation): Promise<void> {
  const { databasePath, directory, postgres } = config;
  const copy = join(directory, `restoring-${generation.name}.sqlite`);
  // One that is there has gone a part of its way to PostgreSQL, and knows how far.
  if (!postgres || !(await Bun.file(copy).exists())) await copyDurably(generation.databasePath, copy);
  if (postgres) {
    // Brings an older hub's tables up to date.
    await (await SqliteDatabase.open(copy))[Symbol.asyncDispose]();
    const { PostgresDatabase } = await import('../db/postgres-database.ts');
    await using target = await PostgresDatabase.open(postgres);
    await moveDatabase(copy, target, () => undefined);
  } else {
    // A hub that was started meanwhile is not written over.
    await link(copy, databasePath).catch((error: unknown) => {
      if (errnoOf(error) !== 'EEXIST') throw error;
      throw new ConflictError(
        'a hub was started here while its backup was restored: stop it and begin anew',
        {
          cause: error,
        },
      );
    });
  }
  for (const suffix of ['', '-wal', '-shm']) await rm(copy + suffix, { force: true });
  await syncDirectory(directory);
}

async function copyDurably(from: string, to: string): Promise<void> {
  const part = `${to}.part`;
  await copyFile(from, part);
  await chmod(part, 0o600);
  const file = await open(part, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, to);
  await syncDirectory(dirname(to));
}
