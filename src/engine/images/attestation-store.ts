/**
 * What builds have said about images: predicates, which become statements when an image is sent and its manifest has a
 * digest. In rows, not blobs: so they come and go with the image's row. They are no part of what identifies an image.
 */
import type { Database } from 'bun:sqlite';
import type { Predicate } from '../../oci/attestation/statement.ts';
import type { Digest } from '../../oci/image/digest.ts';

export const attestationSchema = `
-- predicate is JSON, compressed by zstd.
CREATE TABLE image_attestations (
  image_id TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE,
  predicate_type TEXT NOT NULL,
  predicate BLOB NOT NULL,
  PRIMARY KEY (image_id, predicate_type)
) STRICT;
`;

export class AttestationStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** What the last build said is all that is said. Call it in a transaction. */
  replace(image: Digest, predicates: readonly Predicate[]): void {
    this.#database.query('DELETE FROM image_attestations WHERE image_id = ?').run(image);
    for (const { type, text } of predicates) {
      this.#database
        .query('INSERT INTO image_attestations (image_id, predicate_type, predicate) VALUES (?, ?, ?)')
        .run(image, type, Bun.zstdCompressSync(text));
    }
  }

  /** In the order of their types: an image that is sent twice is sent with the same bytes. */
  of(image: Digest): Predicate[] {
    return this.#database
      .query<{ type: string; predicate: Uint8Array }, [string]>(
        'SELECT predicate_type AS type, predicate FROM image_attestations WHERE image_id = ? ORDER BY predicate_type',
      )
      .all(image)
      .map(({ type, predicate }) => ({
        type,
        text: new TextDecoder().decode(Bun.zstdDecompressSync(predicate)),
      }));
  }
}
