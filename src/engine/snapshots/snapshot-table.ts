/** The rows behind overlay.ts: which layers and containers there are, what stands on what, and in which directory. */
import type { Database } from 'bun:sqlite';
import { ConflictError, NotFoundError } from '../../lib/errors.ts';
import type { Digest } from '../../oci/image/digest.ts';
import type { LayersUse } from './snapshot-store.ts';

/** A row makes a layer visible; without one its directory is litter. */
export const snapshotSchema = `
CREATE TABLE snapshot_layers (
  chain_id TEXT PRIMARY KEY,
  parent TEXT REFERENCES snapshot_layers (chain_id),
  diff_id TEXT NOT NULL,
  directory TEXT NOT NULL UNIQUE,
  size INTEGER NOT NULL
) STRICT;
CREATE INDEX snapshot_layers_parent ON snapshot_layers (parent);
CREATE TABLE snapshot_containers (
  id TEXT PRIMARY KEY,
  chain_id TEXT REFERENCES snapshot_layers (chain_id),
  directory TEXT NOT NULL UNIQUE
) STRICT;
CREATE INDEX snapshot_containers_chain_id ON snapshot_containers (chain_id);
`;

export const snapshotSyncSchema = 'ALTER TABLE snapshot_layers ADD COLUMN unsynced_since TEXT';

export interface LayerRow {
  readonly chain_id: Digest;
  readonly parent: Digest | null;
  readonly diff_id: Digest;
  /** Its name among the layers' directories. */
  readonly directory: string;
  readonly size: number;
  /** The boot of the machine in which it was unpacked, until it is known to be on disk; null from then on. */
  readonly unsynced_since: string | null;
}

export interface ContainerRow {
  readonly id: string;
  readonly chain_id: Digest | null;
  readonly directory: string;
}

export class SnapshotTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  layer(chainId: Digest): LayerRow | undefined {
    const query = this.#database.query<LayerRow, [string]>(
      'SELECT * FROM snapshot_layers WHERE chain_id = ?',
    );
    return query.get(chainId) ?? undefined;
  }

  layers(): LayerRow[] {
    return this.#database.query<LayerRow, []>('SELECT * FROM snapshot_layers').all();
  }

  layersUse(): LayersUse {
    const row = this.#database
      .query<LayersUse, []>('SELECT count(*) AS count, coalesce(sum(size), 0) AS bytes FROM snapshot_layers')
      .get();
    return row ?? { count: 0, bytes: 0 };
  }

  /** The layers that a chain ID stands for, topmost first. @throws NotFoundError */
  chain(chainId: Digest | undefined): LayerRow[] {
    const rows: LayerRow[] = [];
    for (let next = chainId; next !== undefined;) {
      const row = this.layer(next);
      if (!row) throw new NotFoundError(`layer does not exist: ${next}`);
      rows.push(row);
      next = row.parent ?? undefined;
    }
    return rows;
  }

  /** @returns false when the layer is there already. */
  addLayer(row: LayerRow): boolean {
    const { changes } = this.#database
      .query(
        `INSERT INTO snapshot_layers (chain_id, parent, diff_id, directory, size, unsynced_since)
         VALUES ($chain_id, $parent, $diff_id, $directory, $size, $unsynced_since)
         ON CONFLICT (chain_id) DO NOTHING`,
      )
      .run({ ...row });
    return changes === 1;
  }

  /** A container becomes a layer, in one step. @returns false when the layer is there already: the container goes all the same. */
  adoptLayer(row: LayerRow, containerId: string): boolean {
    return this.#database.transaction(() => {
      this.removeContainer(containerId);
      return this.addLayer(row);
    })();
  }

  /** By directory: a layer that was removed and unpacked again has another one. */
  setSynced(directory: string): void {
    this.#database
      .query('UPDATE snapshot_layers SET unsynced_since = NULL WHERE directory = ?')
      .run(directory);
  }

  /** @throws ConflictError when something stands on the layer. */
  removeLayer(chainId: Digest): void {
    this.#database.transaction(() => {
      const user = this.#database
        .query<{ name: string }, [string, string]>(
          `SELECT chain_id AS name FROM snapshot_layers WHERE parent = ?
           UNION ALL SELECT id FROM snapshot_containers WHERE chain_id = ? LIMIT 1`,
        )
        .get(chainId, chainId);
      if (user) throw new ConflictError(`layer ${chainId} is in use by ${user.name}`);
      this.#database.query('DELETE FROM snapshot_layers WHERE chain_id = ?').run(chainId);
    })();
  }

  /** Drops a layer that is lost, and with it every layer above: they are worth nothing now. */
  forgetLayer(chainId: Digest): void {
    this.#database.transaction(() => this.#forget(chainId))();
  }

  #forget(chainId: Digest): void {
    const above = this.#database
      .query<{ chain_id: Digest }, [string]>('SELECT chain_id FROM snapshot_layers WHERE parent = ?')
      .all(chainId);
    for (const { chain_id } of above) this.#forget(chain_id);
    this.#database.query('UPDATE snapshot_containers SET chain_id = NULL WHERE chain_id = ?').run(chainId);
    this.#database.query('DELETE FROM snapshot_layers WHERE chain_id = ?').run(chainId);
  }

  container(id: string): ContainerRow | undefined {
    const query = this.#database.query<ContainerRow, [string]>(
      'SELECT * FROM snapshot_containers WHERE id = ?',
    );
    return query.get(id) ?? undefined;
  }

  containers(): ContainerRow[] {
    return this.#database.query<ContainerRow, []>('SELECT * FROM snapshot_containers').all();
  }

  addContainer(row: ContainerRow): void {
    this.#database
      .query('INSERT INTO snapshot_containers (id, chain_id, directory) VALUES ($id, $chain_id, $directory)')
      .run({ ...row });
  }

  removeContainer(id: string): void {
    this.#database.query('DELETE FROM snapshot_containers WHERE id = ?').run(id);
  }
}
