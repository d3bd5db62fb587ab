/**
 * Layers being unpacked for an image that has no row yet: after a crash, what is noted here and used by no image is
 * taken away (collect.ts).
 */
import type { Database } from 'bun:sqlite';
import type { Digest } from '../../oci/image/digest.ts';

export class PendingLayerStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Notes that a layer is about to become visible. Idempotent. */
  add(chainId: Digest): void {
    this.#database.query('INSERT OR IGNORE INTO pending_layers (chain_id) VALUES (?)').run(chainId);
  }

  /** The layers noted, topmost first. */
  list(): Digest[] {
    return this.#database
      .query<{ chain_id: Digest }, []>('SELECT chain_id FROM pending_layers ORDER BY rowid DESC')
      .all()
      .map((row) => row.chain_id);
  }

  /** Strikes off a note. Idempotent. */
  delete(chainId: Digest): void {
    this.#database.query('DELETE FROM pending_layers WHERE chain_id = ?').run(chainId);
  }
}
