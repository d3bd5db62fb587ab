/** What several copies of the hub have to know of each other. */
import type { Words } from '../words.ts';

export const copies = ({ counter }: Words): string[] => [
  // A JSON Web Key with its private part; the last one signs.
  `CREATE TABLE signing_keys (
     id         ${counter},
     created_at BIGINT NOT NULL,
     jwk        TEXT   NOT NULL)`,
  // Bytes that are being removed from the content store, or were lately: what looked at them before may not link them.
  `CREATE TABLE blob_removals (
     id       ${counter},
     digest   TEXT   NOT NULL,
     begun_at BIGINT NOT NULL,
     ended_at BIGINT)`,
  'CREATE INDEX blob_removals_digest ON blob_removals (digest, id)',
];
