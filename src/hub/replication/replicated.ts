/** What a rule has put at its registry already, as far as the rows of its items tell. */
import { sql } from 'kysely';
import type { Digest } from '../../oci/image/digest.ts';
import type { HubDatabase } from '../db/database.ts';
import type { LeasedItem } from './replication-queue.ts';

type Item = Pick<LeasedItem, 'rule_id' | 'repository' | 'tag'>;

const maxHolders = 2;

/** Paths of other repositories that have the blob, and of which the rule has copied something. */
export async function replicatedHolders(
  database: HubDatabase,
  { rule_id, repository }: Item,
  digest: Digest,
): Promise<readonly string[]> {
  const rows = await database.read(sql<{ path: string }>`SELECT r.namespace || '/' || r.name AS path
    FROM repository_blobs b JOIN repositories r ON r.id = b.repository_id
    WHERE b.digest = ${digest} AND r.namespace || '/' || r.name <> ${repository} AND EXISTS (
      SELECT 1 FROM replication_items i WHERE i.rule_id = ${rule_id}
        AND i.repository = r.namespace || '/' || r.name AND i.digest IS NOT NULL)
    LIMIT ${maxHolders}`);
  return rows.map(({ path }) => path);
}

/** Whether another tag of the repository is this image there. */
export async function isShared(database: HubDatabase, item: Item, digest: Digest): Promise<boolean> {
  const rows = await database.read(sql`SELECT 1 FROM replication_items WHERE rule_id = ${item.rule_id}
    AND repository = ${item.repository} AND digest = ${digest} AND tag <> ${item.tag} LIMIT 1`);
  return rows.length > 0;
}
