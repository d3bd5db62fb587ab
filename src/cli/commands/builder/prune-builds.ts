/** Prunes the build cache and says what went. Used by `builder prune` and `system prune`. */
import type { Query } from '../../../engine-api/client.ts';
import { formatFilters, groupFilters } from '../../../engine-api/filters.ts';
import type { CliContext } from '../../context.ts';

interface BuildPruneReport {
  readonly CachesDeleted?: readonly string[] | null;
  readonly SpaceReclaimed?: number;
}

/** @returns the bytes won back. */
export async function pruneBuilds(
  { engine, out }: CliContext,
  filters: readonly string[],
  options: Query,
): Promise<number> {
  const query = { filters: formatFilters(groupFilters(filters)), ...options };
  const { CachesDeleted, SpaceReclaimed = 0 } = await engine.post<BuildPruneReport>('/build/prune', {
    query,
  });
  if (CachesDeleted?.length) await out.write(`Deleted build cache objects:\n${CachesDeleted.join('\n')}\n\n`);
  return SpaceReclaimed;
}
