/**
 * Images and their names. Written last by pull, commit and build, in one transaction: no name ever points at half
 * an image. What nothing refers to any more is told to the caller, who collects blobs and layers (remove.ts).
 */
import type { Database } from 'bun:sqlite';
import { ConflictError, InvalidError, NotFoundError } from '../../lib/errors.ts';
import type { ContentStore } from '../../oci/content/content-store.ts';
import { type Digest, digestOf, tryParseDigest } from '../../oci/image/digest.ts';
import { chainIds, parseImageConfig } from '../../oci/image/image-config.ts';
import {
  familiarReference,
  formatRepository,
  parseReference,
  type Reference,
  type RepositoryName,
  withDefaultTag,
} from '../../oci/image/reference.ts';
import type { SnapshotStore } from '../snapshots/snapshot-store.ts';
import { AttestationStore } from './attestation-store.ts';
import { describeName, idPrefix, tryReference } from './image-name.ts';
import type { Image, ImageLayer, NewImage, RawManifest } from './image.ts';
import { LayerBlobStore } from './layer-blob-store.ts';
import { Leases } from './leases.ts';
import { PendingLayerStore } from './pending-layer-store.ts';

export type { Image } from './image.ts';

/** Who else stands on layers, beside images: they are not collected, either. */
export interface LayerUsers {
  usesChain(chainId: Digest): boolean;
  usesDiff(diffId: Digest): boolean;
}

export interface ImageStoreDependencies {
  readonly database: Database;
  readonly contents: ContentStore;
  readonly snapshots: SnapshotStore;
  readonly otherUsers?: LayerUsers;
}

interface ImageRow {
  readonly id: Digest;
  readonly config: Uint8Array;
  readonly parent: Digest | null;
  readonly tagged_at: string | null;
}

export class ImageStore {
  readonly contents: ContentStore;
  readonly snapshots: SnapshotStore;
  readonly blobs: LayerBlobStore;
  readonly pending: PendingLayerStore;
  readonly attestations: AttestationStore;
  readonly leases = new Leases();
  readonly #database: Database;
  readonly #otherUsers: LayerUsers | undefined;

  constructor(dependencies: ImageStoreDependencies) {
    this.#database = dependencies.database;
    this.contents = dependencies.contents;
    this.snapshots = dependencies.snapshots;
    this.#otherUsers = dependencies.otherUsers;
    this.blobs = new LayerBlobStore(dependencies.database);
    this.pending = new PendingLayerStore(dependencies.database);
    this.attestations = new AttestationStore(dependencies.database);
  }

  /**
   * The image a person means: a familiar or canonical name, name@digest, an id or an unambiguous beginning of one.
   * A name wins over an id.
   * @throws NotFoundError "No such image: x:latest"; InvalidError when the text can be neither.
   */
  resolve(text: string): Image {
    const image = this.find(text);
    if (image) return image;
    throw new NotFoundError(`No such image: ${describeName(text)}`);
  }

  /** As `resolve`, with undefined where there is none. */
  find(text: string): Image | undefined {
    const byId = tryParseDigest(text) ?? tryParseDigest(`sha256:${text}`);
    if (byId) return this.#visible(byId);
    const prefix = idPrefix(text);
    const named = tryReference(text, prefix !== undefined);
    return (
      (named && this.findReference(named)) ?? (prefix === undefined ? undefined : this.#byPrefix(prefix))
    );
  }

  /** The image that this name points at; `latest` where it gives neither tag nor digest. */
  findReference(reference: Reference): Image | undefined {
    const { tag, digest, ...name } = withDefaultTag(reference);
    const repository = formatRepository(name);
    const row = digest
      ? this.#one(
          'SELECT image_id AS id FROM image_digests WHERE repository = ? AND digest = ?',
          repository,
          digest,
        )
      : this.#one(
          'SELECT image_id AS id FROM image_tags WHERE repository = ? AND tag = ?',
          repository,
          tag ?? '',
        );
    return row && this.get(row.id);
  }

  /** The image of exactly this id, also one that `rmi --force` hid and containers still stand on. */
  get(id: Digest): Image | undefined {
    const row = this.#database
      .query<ImageRow, [string]>('SELECT id, config, parent, tagged_at FROM images WHERE id = ?')
      .get(id);
    return row ? this.#read(row) : undefined;
  }

  /** Every image, hidden ones left out, newest first. */
  list(): Image[] {
    const rows = this.#database
      .query<ImageRow, []>('SELECT id, config, parent, tagged_at FROM images WHERE hidden = 0')
      .all();
    return rows.map((row) => this.#read(row)).toSorted((a, b) => created(b) - created(a));
  }

  /** Images committed from this container, newest first. */
  imagesOfContainer(containerId: string): Image[] {
    return this.#ids('SELECT id FROM images WHERE container = ? AND hidden = 0', containerId).toSorted(
      (a, b) => created(b) - created(a),
    );
  }

  /** Images that were committed or built on top of this one. */
  children(id: Digest): Image[] {
    return this.#ids('SELECT id FROM images WHERE parent = ? AND hidden = 0', id);
  }

  /**
   * Makes an image and its names visible, all at once. The blobs and unpacked layers are there already.
   * Idempotent: an image known before gains what is new, names move.
   */
  put(image: NewImage): Image {
    const config = parseImageConfig(image.configBytes);
    const id = digestOf(image.configBytes);
    const chain = chainIds(config.rootfs.diff_ids);
    if (chain.length !== image.layers.length) {
      throw new InvalidError(
        `image ${id} names ${chain.length} layers, but ${image.layers.length} are given`,
      );
    }
    this.#database.transaction(() => {
      this.#database
        .query(
          `INSERT INTO images (id, config, parent, container) VALUES (?, ?, ?, ?)
           ON CONFLICT (id) DO UPDATE SET hidden = 0, parent = coalesce(excluded.parent, parent)`,
        )
        .run(id, image.configBytes, image.parent ?? null, containerOf(config));
      image.layers.forEach((layer, position) => {
        const chainId = chain[position];
        if (chainId === undefined) return;
        this.#insertLayer(id, position, { diffId: layer.diffId, chainId, size: layer.size });
        if (layer.blob) this.blobs.add(layer.diffId, layer.blob);
      });
      for (const reference of image.references ?? []) this.#name(reference, id);
      if (image.manifest) this.#insertManifest(id, image.manifest, image.references ?? []);
      if (image.attestations) this.attestations.replace(id, image.attestations);
    })();
    return this.#visible(id) ?? missing(id);
  }

  /** Points a name at an image; taken from the image that had it. */
  tag(id: Digest, reference: Reference): void {
    this.#database.transaction(() => this.#name(reference, id))();
  }

  /** Takes a name (with a tag or with a digest) away. @returns false when nothing had it. */
  untag(reference: Reference): boolean {
    const repository = formatRepository(reference);
    const statement = reference.digest
      ? 'DELETE FROM image_digests WHERE repository = ? AND digest = ?'
      : 'DELETE FROM image_tags WHERE repository = ? AND tag = ?';
    return (
      this.#database.query(statement).run(repository, reference.digest ?? reference.tag ?? '').changes > 0
    );
  }

  /** Remembers the manifest under which an image was pushed, and where. One removed meanwhile is left alone. */
  addManifest(id: Digest, manifest: RawManifest, known: Reference): void {
    this.#database.transaction(() => {
      if (!this.#visible(id)) return;
      this.#insertManifest(id, manifest, [known]);
      this.#name(known, id);
    })();
  }

  /** The manifests under which an image is known: those of the repository, if one is given, first, then the newest. */
  manifests(id: Digest, repository?: RepositoryName): RawManifest[] {
    return this.#database
      .query<RawManifest, [string, string]>(
        `SELECT digest, media_type AS mediaType, bytes FROM image_manifests
         WHERE image_id = ?
         ORDER BY EXISTS (
           SELECT 1 FROM blob_repositories
           WHERE blob_repositories.digest = image_manifests.digest AND repository = ?
         ) DESC, rowid DESC`,
      )
      .all(id, repository ? formatRepository(repository) : '');
  }

  /**
   * Forgets an image and all its names.
   * @param keepForContainers hides it instead: stopped containers still stand on its layers.
   */
  remove(id: Digest, keepForContainers = false): void {
    this.#database.transaction(() => {
      this.#database
        .query(
          'DELETE FROM blob_repositories WHERE digest IN (SELECT digest FROM image_manifests WHERE image_id = ?)',
        )
        .run(id);
      if (!keepForContainers) {
        this.#database.query('DELETE FROM images WHERE id = ?').run(id);
        return;
      }
      this.#database.query('DELETE FROM image_tags WHERE image_id = ?').run(id);
      this.#database.query('DELETE FROM image_digests WHERE image_id = ?').run(id);
      this.#database.query('UPDATE images SET hidden = 1, parent = NULL WHERE id = ?').run(id);
    })();
  }

  /** Images that only stopped containers hold; to be removed when those are gone. */
  hidden(): Digest[] {
    return this.#database
      .query<{ id: Digest }, []>('SELECT id FROM images WHERE hidden = 1')
      .all()
      .map(({ id }) => id);
  }

  /** True when some image, hidden or not, has this layer in this place. */
  hasChain(chainId: Digest): boolean {
    return (
      this.#one('SELECT image_id AS id FROM image_layers WHERE chain_id = ? LIMIT 1', chainId) !== undefined
    );
  }

  /** True when some image or somebody else stands on this layer in this place. */
  usesChain(chainId: Digest): boolean {
    return this.hasChain(chainId) || this.#otherUsers?.usesChain(chainId) === true;
  }

  /** True when some image, hidden or not, or somebody else has this layer. */
  usesDiff(diffId: Digest): boolean {
    const image = this.#one('SELECT image_id AS id FROM image_layers WHERE diff_id = ? LIMIT 1', diffId);
    return image !== undefined || this.#otherUsers?.usesDiff(diffId) === true;
  }

  #name(reference: Reference, id: Digest): void {
    const repository = formatRepository(reference);
    if (reference.digest) {
      this.#database
        .query('INSERT OR REPLACE INTO image_digests (repository, digest, image_id) VALUES (?, ?, ?)')
        .run(repository, reference.digest, id);
      return;
    }
    if (reference.tag === undefined) throw new ConflictError(`cannot name ${id}: ${repository} has no tag`);
    this.#database
      .query('INSERT OR REPLACE INTO image_tags (repository, tag, image_id) VALUES (?, ?, ?)')
      .run(repository, reference.tag, id);
    this.#database.query('UPDATE images SET tagged_at = ? WHERE id = ?').run(new Date().toISOString(), id);
  }

  #insertLayer(id: Digest, position: number, layer: ImageLayer): void {
    this.#database
      .query(
        'INSERT OR REPLACE INTO image_layers (image_id, position, diff_id, chain_id, size) VALUES (?, ?, ?, ?, ?)',
      )
      .run(id, position, layer.diffId, layer.chainId, layer.size);
    this.pending.delete(layer.chainId);
  }

  /** @param known names under which registries have it. */
  #insertManifest(id: Digest, manifest: RawManifest, known: readonly Reference[]): void {
    this.#database
      .query(
        'INSERT OR REPLACE INTO image_manifests (image_id, digest, media_type, bytes) VALUES (?, ?, ?, ?)',
      )
      .run(id, manifest.digest, manifest.mediaType, manifest.bytes);
    for (const reference of known) {
      if (reference.digest !== undefined) this.blobs.addRepository(manifest.digest, reference);
    }
  }

  #read(row: ImageRow): Image {
    const layers = this.#database
      .query<ImageLayer, [string]>(
        'SELECT diff_id AS diffId, chain_id AS chainId, size FROM image_layers WHERE image_id = ? ORDER BY position',
      )
      .all(row.id);
    return {
      id: row.id,
      config: parseImageConfig(row.config),
      configBytes: row.config,
      layers,
      chainId: layers.at(-1)?.chainId,
      references: this.#references('SELECT repository, tag FROM image_tags WHERE image_id = ?', row.id),
      repoDigests: this.#references(
        'SELECT repository, digest FROM image_digests WHERE image_id = ?',
        row.id,
      ),
      size: layers.reduce((sum, layer) => sum + layer.size, 0),
      parent: row.parent ?? undefined,
      taggedAt: row.tagged_at ?? undefined,
    };
  }

  #references(statement: string, id: Digest): Reference[] {
    return this.#database
      .query<{ repository: string; tag?: string; digest?: Digest }, [string]>(statement)
      .all(id)
      .map(({ repository, ...rest }) => ({ ...parseReference(repository), ...rest }))
      .toSorted((a, b) => familiarReference(a).localeCompare(familiarReference(b)));
  }

  #visible(id: Digest): Image | undefined {
    return this.#one('SELECT id FROM images WHERE id = ? AND hidden = 0', id) && this.get(id);
  }

  #byPrefix(prefix: string): Image | undefined {
    const found = this.#ids(
      `SELECT id FROM images WHERE hidden = 0 AND id GLOB ? LIMIT 2`,
      `sha256:${prefix}*`,
    );
    return found.length === 1 ? found[0] : undefined;
  }

  #ids(statement: string, parameter: string): Image[] {
    return this.#database
      .query<{ id: Digest }, [string]>(statement)
      .all(parameter)
      .flatMap(({ id }) => this.get(id) ?? []);
  }

  #one(statement: string, ...parameters: string[]): { id: Digest } | undefined {
    return this.#database.query<{ id: Digest }, string[]>(statement).get(...parameters) ?? undefined;
  }
}

function containerOf(config: Image['config']): string | null {
  const container: unknown = config['container'];
  return typeof container === 'string' && container !== '' ? container : null;
}

function created(image: Image): number {
  const time = Date.parse(image.config.created ?? '');
  return Number.isNaN(time) ? 0 : time;
}

function missing(id: Digest): never {
  throw new NotFoundError(`No such image: ${id}`);
}
