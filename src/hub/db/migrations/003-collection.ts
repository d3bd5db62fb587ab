/** What collecting garbage has to know. */

export const collection = (): string[] => [
  // When the link was made, asked for, or lost the last manifest that needs it: while none does, its time runs from here.
  'ALTER TABLE repository_blobs ADD COLUMN unused_since BIGINT NOT NULL DEFAULT 0',
  'UPDATE repository_blobs SET unused_since = created_at',
  // Always asked within one repository; a base layer has as many references as the hub has images.
  'DROP INDEX manifest_references_digest',
  'CREATE INDEX manifest_references_digest ON manifest_references (repository_id, digest)',
];
