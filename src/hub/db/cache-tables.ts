/** The tables of what came from upstream registries, as part of the schema. What each column means is said in migrations/009-cache.ts. */
import type { Generated } from 'kysely';

export interface CacheTables {
  own_namespaces: OwnNamespaceTable;
  cached_repositories: CachedRepositoryTable;
  cached_tags: CachedTagTable;
  cached_manifests: CachedManifestTable;
  cached_links: CachedLinkTable;
  cached_blobs: CachedBlobTable;
}

interface OwnNamespaceTable {
  namespace: string;
}

interface CachedRepositoryTable {
  id: Generated<number>;
  registry: string;
  path: string;
}

interface CachedTagTable {
  repository_id: number;
  name: string;
  digest: string;
  media_type: string;
  size: number;
  checked_at: number;
}

interface CachedManifestTable {
  repository_id: number;
  digest: string;
  media_type: string;
  size: number;
  used_at: number;
  bytes: Uint8Array;
}

interface CachedLinkTable {
  repository_id: number;
  manifest_digest: string;
  digest: string;
  size: number;
}

interface CachedBlobTable {
  digest: string;
  size: number;
  used_at: number;
}
