/** engine.db: one SQLite file for all that the engine knows. Each store brings its own tables. */
import type { Database } from 'bun:sqlite';
import { openSqlite } from '../lib/sqlite.ts';
import { buildCacheSchema } from './build/cache/cache-schema.ts';
import { containerSchema } from './containers/container-store.ts';
import { attestationSchema } from './images/attestation-store.ts';
import { imageSchema } from './images/image-store.ts';
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
];

/** Opens the database at `path` (`:memory:` in tests), brought up to date. */
export function openEngineDatabase(path: string): Database {
  return openSqlite(path, migrations);
}
