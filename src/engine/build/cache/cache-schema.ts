/** One migration script; the engine hands it to openSqlite. */
export const buildCacheSchema = `
CREATE TABLE build_cache (
  id TEXT PRIMARY KEY,
  -- What went into the step, or which cache mount it is.
  key TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  description TEXT NOT NULL,
  parent TEXT,
  -- 0 for a step that changed no file, and for a directory.
  has_layer INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  last_used_at TEXT NOT NULL,
  usage_count INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX build_cache_by_parent ON build_cache (parent) WHERE parent IS NOT NULL;

-- The whole chain that a record stands for, bottom first. size is in bytes on disk, as docker counts.
CREATE TABLE build_cache_layers (
  record_id TEXT NOT NULL REFERENCES build_cache (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  diff_id TEXT NOT NULL,
  chain_id TEXT NOT NULL,
  size INTEGER NOT NULL,
  PRIMARY KEY (record_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX build_cache_layers_by_chain ON build_cache_layers (chain_id);
CREATE INDEX build_cache_layers_by_diff ON build_cache_layers (diff_id);
`;
