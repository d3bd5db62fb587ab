/** What else of its repository knows an image, and what would be free without it. */
import { sql } from 'kysely';
import type { Digest } from '../../oci/image/digest.ts';
import type { HubDatabase } from '../db/database.ts';

export interface ImageUse {
  readonly artifact_type: string | null;
  readonly pushed_by_name: string | null;
  /** Some of the tags that name it, the latest first. */
  readonly tags: readonly string[];
  /**
   * Bytes of config and layers, of all its platforms, that no other image of the repository needs. Other repositories are left
   * out: what they hold may be private.
   */
  readonly uniqueSize: number;
}

const maxTags = 100;

/** Undefined when the repository has no such manifest. Steps from each blob to one other image at most. */
export async function useOfImage(
  database: HubDatabase,
  repositoryId: number,
  digest: Digest,
): Promise<ImageUse | undefined> {
  const about = await database.read(sql<Pick<ImageUse, 'artifact_type' | 'pushed_by_name'>>`
    SELECT m.artifact_type, a.name AS pushed_by_name FROM manifests m LEFT JOIN accounts a ON a.id = m.pushed_by
    WHERE m.repository_id = ${repositoryId} AND m.digest = ${digest}`);
  if (!about[0]) return undefined;
  const tags = await database.read(sql<{ name: string }>`
    SELECT name FROM tags WHERE repository_id = ${repositoryId} AND digest = ${digest}
    ORDER BY pushed_at DESC, name LIMIT ${maxTags}`);
  const unique = await database.read(sql<{ size: number }>`
    WITH RECURSIVE family (digest) AS (
      SELECT digest FROM manifests WHERE repository_id = ${repositoryId} AND digest = ${digest} UNION
      SELECT r.digest FROM family f JOIN manifest_references r
        ON r.repository_id = ${repositoryId} AND r.manifest_digest = f.digest AND r.kind = 'manifest'),
    own (digest) AS (
      SELECT f.digest FROM family f WHERE f.digest = ${digest} OR (
        NOT EXISTS (SELECT 1 FROM tags t WHERE t.repository_id = ${repositoryId} AND t.digest = f.digest)
        AND NOT EXISTS (SELECT 1 FROM manifest_references r WHERE r.repository_id = ${repositoryId}
          AND r.digest = f.digest AND r.kind = 'manifest' AND r.manifest_digest NOT IN (SELECT digest FROM family))))
    SELECT coalesce(sum(b.size), 0) AS size FROM repository_blobs b
    WHERE b.repository_id = ${repositoryId} AND b.digest IN (
        SELECT r.digest FROM own JOIN manifest_references r
          ON r.repository_id = ${repositoryId} AND r.manifest_digest = own.digest AND r.kind = 'blob')
      AND NOT EXISTS (SELECT 1 FROM manifest_references r WHERE r.repository_id = ${repositoryId}
        AND r.digest = b.digest AND r.kind = 'blob' AND r.manifest_digest NOT IN (SELECT digest FROM own))`);
  return { ...about[0], tags: tags.map(({ name }) => name), uniqueSize: unique[0]?.size ?? 0 };
}
