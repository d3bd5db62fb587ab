/** `container prune`: every container that has no process, less those that the filters keep. */
import type { Filters } from '../../engine-api/filters.ts';
import { InvalidError } from '../../lib/errors.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { labelTest } from './list-filter.ts';
import { removeContainer } from './remove.ts';
import { parseTime } from './time.ts';
import { type ContainerRecord, isRunning } from './state.ts';

export const pruneFilters = ['label', 'label!', 'until'] as const;

export interface Pruned {
  readonly ContainersDeleted: string[] | null;
  readonly SpaceReclaimed: number;
}

export async function pruneContainers(deps: ContainerDependencies, filters: Filters): Promise<Pruned> {
  const deleted: string[] = [];
  let space = 0;
  for (const record of deps.containers.list().filter((record) => isPrunable(record, filters))) {
    space += await deps.snapshots.containerSize(record.id);
    await removeContainer(deps, record.id, { force: false, withVolumes: false });
    deleted.push(record.id);
  }
  return { ContainersDeleted: deleted.length > 0 ? deleted : null, SpaceReclaimed: space };
}

function isPrunable(record: ContainerRecord, filters: Filters): boolean {
  // One of a build may be between its end and the layer that it becomes.
  if (isRunning(record.state) || record.isOfBuild) return false;
  const [until, ...more] = filters.get('until') ?? [];
  if (more.length > 0) throw new InvalidError('more than one until filter specified');
  if (until !== undefined && Date.parse(record.created) / 1000 > parseTime(until)) return false;
  return (
    (filters.get('label') ?? []).every((value) => labelTest(value)(record)) &&
    !(filters.get('label!') ?? []).some((value) => labelTest(value)(record))
  );
}
