/**
 * What steps of builds came to, by the key of what went in: rows in engine.db, which keep the layers from being collected
 * (images/collect.ts asks). The directories of cache mounts are records as well: cache-mounts.ts.
 */
import type { Database } from 'bun:sqlite';
import type { Digest } from '../../../oci/image/digest.ts';
import type { ImageLayer } from '../../images/image.ts';
import type { LayerUsers } from '../../images/image-store.ts';
import { PendingLayerStore } from '../../images/pending-layer-store.ts';
import type { SnapshotStore } from '../../snapshots/snapshot-store.ts';

/** BuildKit's names. */
export type CacheKind =
  | 'regular'
  | 'source.local'
  | 'source.git.checkout'
  | 'exec.cachemount'
  | 'frontend'
  | 'internal';

export interface CacheResult {
  /** Of the record, as `disk use` and `prune` show it. */
  readonly id: string;
  /** The whole chain, that of the steps before and the base below included, bottom first. */
  readonly layers: readonly ImageLayer[];
  /** False for a step that changed no file: the chain is that of the step before. */
  readonly hasLayer: boolean;
  /** RFC 3339. */
  readonly createdAt: string;
}

export interface NewCacheRecord extends Omit<CacheResult, 'id'> {
  readonly kind: CacheKind;
  /** What made it, for people. */
  readonly description: string;
  /** The record of the step before; undefined on a base. */
  readonly parent?: string | undefined;
}

export interface CacheRecord extends CacheResult {
  readonly kind: CacheKind;
  readonly description: string;
  readonly parent: string | undefined;
  /** RFC 3339. */
  readonly lastUsedAt: string;
  readonly usageCount: number;
  /** A build stands on it. */
  readonly isInUse: boolean;
}

interface CacheRow {
  readonly id: string;
  readonly key: string;
  readonly kind: CacheKind;
  readonly description: string;
  readonly parent: string | null;
  readonly has_layer: number;
  readonly created_at: string;
  readonly last_used_at: string;
  readonly usage_count: number;
}

/** In milliseconds: to look at every directory takes its time. */
const betweenCollections = 60_000;

export class BuildCache implements LayerUsers {
  readonly #database: Database;
  readonly #snapshots: Pick<SnapshotStore, 'hasLayer'>;
  /** By id: how many builds stand on a record. */
  readonly #holders = new Map<string, number>();
  /** Records that were found since uses were last written down. */
  readonly #uses: string[] = [];
  /** Chains of records that another result took the place of: to be collected. */
  readonly #replaced: (readonly ImageLayer[])[] = [];
  #lastCollected = 0;

  /** @param database has `buildCacheSchema` and the images' tables. */
  constructor(database: Database, snapshots: Pick<SnapshotStore, 'hasLayer'>) {
    this.#database = database;
    this.#snapshots = snapshots;
  }

  /**
   * What a step with the same key came to. The use is counted by `countUses`, soon: it is not worth a transaction each.
   * @returns undefined where it is not known, or its layers went down with the machine.
   */
  get(key: Digest): CacheResult | undefined {
    const row = this.#database.query<CacheRow, [string]>('SELECT * FROM build_cache WHERE key = ?').get(key);
    if (!row) return undefined;
    const layers = this.#layersOf(row.id);
    const top = layers.at(-1);
    if (top && !this.#snapshots.hasLayer(top.chainId)) return undefined;
    this.#uses.push(row.id);
    return { id: row.id, layers, hasLayer: row.has_layer === 1, createdAt: row.created_at };
  }

  /**
   * Keeps a result: its layers are there, and stay while the record does. One of the same key is replaced, under its id:
   * other records may name it as their parent.
   * @param newId of a record that is new. @returns its id.
   */
  put(key: Digest, record: NewCacheRecord, newId = newRecordId()): string {
    const { layers, hasLayer, kind, description, parent, createdAt } = record;
    return this.#database.transaction(() => {
      const { id } = this.#database
        .query<{ id: string }, [string, string, string, string, string | null, number, string, string]>(
          `INSERT INTO build_cache (id, key, kind, description, parent, has_layer, created_at, last_used_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (key) DO UPDATE SET kind = excluded.kind, description = excluded.description,
             parent = excluded.parent, has_layer = excluded.has_layer, created_at = excluded.created_at,
             last_used_at = excluded.last_used_at
           RETURNING id`,
        )
        .get(
          newId,
          key,
          kind,
          description,
          parent ?? null,
          Number(hasLayer),
          createdAt,
          new Date().toISOString(),
        ) as { id: string };
      this.#replaceLayers(id, layers);
      return id;
    })();
  }

  /** Counts a use. */
  touch(id: string): void {
    this.#database
      .query('UPDATE build_cache SET last_used_at = ?, usage_count = usage_count + 1 WHERE id = ?')
      .run(new Date().toISOString(), id);
  }

  /** Writes down what `get` has given since. */
  countUses(): void {
    const ids = this.#uses.splice(0);
    if (ids.length > 0) this.#database.transaction(() => ids.forEach((id) => this.touch(id)))();
  }

  /** Keeps records from being pruned until disposed of: a build stands on them. */
  hold(ids: Iterable<string>): Disposable {
    const held = [...ids];
    for (const id of held) this.#holders.set(id, (this.#holders.get(id) ?? 0) + 1);
    return {
      [Symbol.dispose]: () => {
        for (const id of held.splice(0)) this.#release(id);
      },
    };
  }

  /** The chains, bottom first, that records no longer stand for since this was last asked. */
  takeReplaced(): readonly (readonly ImageLayer[])[] {
    return this.#replaced.splice(0);
  }

  /** True once a minute. */
  isCollectionDue(): boolean {
    const isDue = Date.now() - this.#lastCollected >= betweenCollections;
    if (isDue) this.#lastCollected = Date.now();
    return isDue;
  }

  isHeld(id: string): boolean {
    return this.#holders.has(id);
  }

  /** Every record, the one that was used longest ago first. */
  list(): CacheRecord[] {
    this.countUses();
    return this.#database
      .query<CacheRow, []>('SELECT * FROM build_cache ORDER BY last_used_at, rowid')
      .all()
      .map((row) => ({
        id: row.id,
        layers: this.#layersOf(row.id),
        hasLayer: row.has_layer === 1,
        kind: row.kind,
        description: row.description,
        parent: row.parent ?? undefined,
        createdAt: row.created_at,
        lastUsedAt: row.last_used_at,
        usageCount: row.usage_count,
        isInUse: this.isHeld(row.id),
      }));
  }

  /** The record of a key, whatever became of its layers. */
  idOf(key: Digest): string | undefined {
    return this.#database.query<{ id: string }, [string]>('SELECT id FROM build_cache WHERE key = ?').get(key)
      ?.id;
  }

  /** Forgets a record. Its layers are the caller's to collect. Idempotent. */
  delete(id: string): void {
    this.#database.query('DELETE FROM build_cache WHERE id = ?').run(id);
  }

  usesChain(chainId: Digest): boolean {
    return this.#isThere('SELECT 1 AS there FROM build_cache_layers WHERE chain_id = ? LIMIT 1', chainId);
  }

  usesDiff(diffId: Digest): boolean {
    return this.#isThere('SELECT 1 AS there FROM build_cache_layers WHERE diff_id = ? LIMIT 1', diffId);
  }

  #isThere(statement: string, digest: Digest): boolean {
    return this.#database.query<{ there: number }, [string]>(statement).get(digest) !== null;
  }

  #replaceLayers(id: string, layers: readonly ImageLayer[]): void {
    const pending = new PendingLayerStore(this.#database);
    const before = this.#layersOf(id);
    if (before.length > 0) this.#replaced.push(before);
    // Until they are collected, now or after a crash.
    for (const { chainId } of before) pending.add(chainId);
    this.#database.query('DELETE FROM build_cache_layers WHERE record_id = ?').run(id);
    layers.forEach(({ diffId, chainId, size }, position) => {
      this.#database
        .query(
          'INSERT INTO build_cache_layers (record_id, position, diff_id, chain_id, size) VALUES (?, ?, ?, ?, ?)',
        )
        .run(id, position, diffId, chainId, size);
      pending.delete(chainId);
    });
  }

  #layersOf(id: string): ImageLayer[] {
    return this.#database
      .query<ImageLayer, [string]>(
        'SELECT diff_id AS diffId, chain_id AS chainId, size FROM build_cache_layers WHERE record_id = ? ORDER BY position',
      )
      .all(id);
  }

  #release(id: string): void {
    const left = (this.#holders.get(id) ?? 0) - 1;
    if (left > 0) this.#holders.set(id, left);
    else this.#holders.delete(id);
  }
}

/** Of BuildKit's length and alphabet. */
export function newRecordId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(25));
  return Array.from(bytes, (byte) => (byte % 36).toString(36)).join('');
}
