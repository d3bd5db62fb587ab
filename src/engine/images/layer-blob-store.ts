/**
 * Which blobs of the content store hold which layer, and in which repositories of registries a blob is known to be.
 * One layer may be there in several forms: as it was pulled, as it was committed, as it was compressed for a push.
 */
import type { Database } from 'bun:sqlite';
import type { Descriptor } from '../../oci/image/descriptor.ts';
import type { Digest } from '../../oci/image/digest.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';
import { formatRepository, parseReference, type RepositoryName } from '../../oci/image/reference.ts';

export interface LayerForm {
  readonly blob: Descriptor;
  /** With which it was compressed here; undefined for the usual one, and for what came as it is. */
  readonly level: number | undefined;
}

interface FormRow extends Descriptor {
  readonly level: number | null;
}

export class LayerBlobStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Notes that a blob holds a layer. Idempotent. @param level with which it was compressed here. */
  add(diffId: Digest, blob: Descriptor, level?: number): void {
    this.#database
      .query(
        `INSERT INTO layer_blobs (diff_id, digest, media_type, size, level) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET media_type = excluded.media_type, size = excluded.size`,
      )
      .run(diffId, blob.digest, blob.mediaType, blob.size, level ?? null);
  }

  /** The blobs known to hold a layer; whether they are still in the content store is the caller's to ask. */
  of(diffId: Digest): Descriptor[] {
    return this.forms(diffId).map(({ blob }) => blob);
  }

  /** As `of`. What was made as zstd for somebody who asked for it comes last: not everything reads it. */
  forms(diffId: Digest): LayerForm[] {
    return this.#database
      .query<FormRow, [string, string]>(
        `SELECT digest, media_type AS mediaType, size, level FROM layer_blobs WHERE diff_id = ?
         ORDER BY media_type = ? AND level IS NOT NULL, size`,
      )
      .all(diffId, mediaTypes.ociLayerZstd)
      .map(({ level, ...blob }) => ({ blob, level: level ?? undefined }));
  }

  /** The layer that a blob holds, if it was seen before. */
  diffIdOf(digest: Digest): Digest | undefined {
    return this.#database
      .query<{ diff_id: Digest }, [string]>('SELECT diff_id FROM layer_blobs WHERE digest = ?')
      .get(digest)?.diff_id;
  }

  /** Forgets the blobs of a layer that no image has any more. @returns what was forgotten. */
  forget(diffId: Digest): Descriptor[] {
    const blobs = this.of(diffId);
    this.#database.query('DELETE FROM layer_blobs WHERE diff_id = ?').run(diffId);
    for (const { digest } of blobs) {
      this.#database.query('DELETE FROM blob_repositories WHERE digest = ?').run(digest);
    }
    return blobs;
  }

  /** Notes that a registry's repository holds a blob. */
  addRepository(digest: Digest, repository: RepositoryName): void {
    this.#database
      .query('INSERT OR IGNORE INTO blob_repositories (digest, repository) VALUES (?, ?)')
      .run(digest, formatRepository(repository));
  }

  /** Strikes off a note that turned out wrong. */
  removeRepository(digest: Digest, repository: RepositoryName): void {
    this.#database
      .query('DELETE FROM blob_repositories WHERE digest = ? AND repository = ?')
      .run(digest, formatRepository(repository));
  }

  /** Repositories of one registry that are believed to hold a blob. */
  repositories(digest: Digest, domain: string): RepositoryName[] {
    return this.#database
      .query<{ repository: string }, [string]>('SELECT repository FROM blob_repositories WHERE digest = ?')
      .all(digest)
      .map(({ repository }) => parseReference(repository))
      .filter((name) => name.domain === domain);
  }
}
