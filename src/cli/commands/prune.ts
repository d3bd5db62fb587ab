/** What the prune commands share: the question first, the report after. */
import { formatFilters, groupFilters } from '../../engine-api/filters.ts';
import type { CliContext } from '../context.ts';
import { ExitError } from '../exit-code.ts';
import { formatSize } from '../human.ts';
import { readLine } from '../prompt.ts';

/** @throws ExitError unless the answer is yes; to say no is no failure. */
export async function confirm(context: CliContext, isForced: boolean, warning: string): Promise<void> {
  if (isForced) return;
  await context.out.write(`${warning}\nAre you sure you want to continue? [y/N] `);
  const answer = await readLine(context.input);
  if (!/^y(es)?$/i.test(answer.trim())) throw new ExitError(0, '');
}

interface PruneReport {
  readonly SpaceReclaimed?: number;
  readonly ContainersDeleted?: readonly string[] | null;
  readonly NetworksDeleted?: readonly string[] | null;
  readonly VolumesDeleted?: readonly string[] | null;
  readonly ImagesDeleted?: readonly { readonly Untagged?: string; readonly Deleted?: string }[] | null;
}

const titles = {
  containers: 'Deleted Containers',
  networks: 'Deleted Networks',
  volumes: 'Deleted Volumes',
  images: 'Deleted Images',
} as const;

export type Prunable = keyof typeof titles;

/** Prunes and says what went. @returns the bytes won back. */
export async function pruneOne(
  context: CliContext,
  kind: Prunable,
  filters: readonly string[],
  total = true,
): Promise<number> {
  const query = { filters: formatFilters(groupFilters(filters)) };
  const report = await context.engine.post<PruneReport>(`/${kind}/prune`, { query });
  const deleted = [
    ...(report.ContainersDeleted ?? []),
    ...(report.NetworksDeleted ?? []),
    ...(report.VolumesDeleted ?? []),
    ...(report.ImagesDeleted ?? []).map(({ Untagged, Deleted }) =>
      Untagged === undefined ? `deleted: ${Deleted ?? ''}` : `untagged: ${Untagged}`,
    ),
  ];
  if (deleted.length > 0) await context.out.write(`${titles[kind]}:\n${deleted.join('\n')}\n\n`);
  const bytes = report.SpaceReclaimed ?? 0;
  if (total && kind !== 'networks')
    await context.out.write(`Total reclaimed space: ${formatSize(bytes, 4)}\n`);
  return bytes;
}
