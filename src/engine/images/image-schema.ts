/**
 * The engine's tables for images. Configs and manifests are kept as received, in the row: they are small, and so
 * an image, its names and its manifest appear in one transaction. Layers' bytes are in the content store.
 */

/** One migration script; the engine hands it to openSqlite. */
export const imageSchema = `
CREATE TABLE images (
  id TEXT PRIMARY KEY,
  config BLOB NOT NULL,
  parent TEXT,
  container TEXT,
  -- 1 when removed by force while stopped containers still stand on it: kept for them, seen by nobody else.
  hidden INTEGER NOT NULL DEFAULT 0,
  tagged_at TEXT
) STRICT;
CREATE INDEX images_by_container ON images (container) WHERE container IS NOT NULL;
CREATE INDEX images_by_parent ON images (parent) WHERE parent IS NOT NULL;

-- A layer in its place in an image, bottom first. size is in bytes on disk, as docker counts.
CREATE TABLE image_layers (
  image_id TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  diff_id TEXT NOT NULL,
  chain_id TEXT NOT NULL,
  size INTEGER NOT NULL,
  PRIMARY KEY (image_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX image_layers_by_chain ON image_layers (chain_id);
CREATE INDEX image_layers_by_diff ON image_layers (diff_id);

CREATE TABLE image_tags (
  repository TEXT NOT NULL,
  tag TEXT NOT NULL,
  image_id TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE,
  PRIMARY KEY (repository, tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX image_tags_by_image ON image_tags (image_id);

-- The digests (of a manifest or an index) under which registries know the image.
CREATE TABLE image_digests (
  repository TEXT NOT NULL,
  digest TEXT NOT NULL,
  image_id TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE,
  PRIMARY KEY (repository, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX image_digests_by_image ON image_digests (image_id);

CREATE TABLE image_manifests (
  image_id TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE,
  digest TEXT NOT NULL,
  media_type TEXT NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (image_id, digest)
) STRICT;

-- The forms, compressed or not, in which the content store holds a layer.
CREATE TABLE layer_blobs (
  diff_id TEXT NOT NULL,
  digest TEXT NOT NULL,
  media_type TEXT NOT NULL,
  size INTEGER NOT NULL,
  PRIMARY KEY (diff_id, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX layer_blobs_by_digest ON layer_blobs (digest);

-- Where a blob is known to be: what makes "Mounted from" possible.
CREATE TABLE blob_repositories (
  digest TEXT NOT NULL,
  repository TEXT NOT NULL,
  PRIMARY KEY (digest, repository)
) STRICT, WITHOUT ROWID;

-- Layers being unpacked for an image that has no row yet: after a crash, what is listed here is removed.
CREATE TABLE pending_layers (
  chain_id TEXT PRIMARY KEY
) STRICT;
`;

/** With which level a form was compressed here, where that was asked for. */
export const layerLevelSchema = `
ALTER TABLE layer_blobs ADD COLUMN level INTEGER;
`;
