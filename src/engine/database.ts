/** engine.db: one SQLite file for all that the engine knows. Each store brings its own tables. */
import type { Database } from 'bun:sqlite';
import { openSqlite } from '../lib/sqlite.ts';
import { buildCacheSchema } from './build/cache/cache-schema.ts';
import { containerSchema } from './containers/container-store.ts';
import { attestationSchema } from './images/attestation-store.ts';
import { imageSchema, layerLevelSchema } from './images/image-schema.ts';
import { reserveSpace } from './linux/reserve-space.ts';
import { networkOptionsSchema, networkSchema } from './networks/network-schema.ts';
import { snapshotSchema, snapshotSyncSchema } from './snapshots/snapshot-table.ts';
import { volumeSchema } from './volumes/volume-store.ts';

/** Append only: SQLite's user_version counts the scripts that a file has seen. */
const migrations = [
  containerSchema,
  imageSchema,
  networkSchema,
  snapshotSchema,
  volumeSchema,
  snapshotSyncSchema,
  networkOptionsSchema,
  buildCacheSchema,
  attestationSchema,
  layerLevelSchema,
];

/**
 * Of the write-ahead log, twice what SQLite lets it grow to: that a container has ended or a build has failed can be
 * written on a disk that it has filled, and so its files can be taken away.
 */
const reservedLog = 8 * 1024 * 1024;

/** Opens the database at `path` (`:memory:` in tests), brought up to date. */
export function openEngineDatabase(path: string): Database {
  const database = openSqlite(path, migrations);
  if (path !== ':memory:') reserveSpace(`${path}-wal`, reservedLog);
  return database;
}
