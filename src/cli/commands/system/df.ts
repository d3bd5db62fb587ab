/** `cais system df`: the disk that images, containers, volumes and the build cache take. */
import type { BuildCache, ContainerSummary, ImageSummary, Volume } from '../../../engine-api/types.ts';
import { defineCommand, exactly } from '../../command.ts';
import { bool, string } from '../../flags.ts';
import { formatList, type Listing } from '../../format.ts';
import { formatSize } from '../../human.ts';
import { listFormatHelp } from '../format-help.ts';
import { type DiskUsage, formatDetails } from './df-details.ts';

interface Row {
  readonly type: string;
  readonly total: number;
  readonly active: number;
  readonly size: number;
  readonly reclaimable: number;
  /** Build cache has no share to show. */
  readonly hasShare: boolean;
}

export const df = defineCommand({
  usage: '[OPTIONS]',
  flags: { format: string(listFormatHelp), verbose: bool('Show detailed information on space usage', 'v') },
  count: exactly(0),
  run: async ({ context, flags }) => {
    const usage = await context.engine.get<DiskUsage>('/system/df');
    const text = flags.verbose ? formatDetails(usage) : formatList(dfListing, rowsOf(usage), flags.format);
    await context.out.write(text);
  },
});

function rowsOf(usage: DiskUsage): readonly Row[] {
  return [
    images(usage),
    containers(usage.Containers ?? []),
    volumes(usage.Volumes ?? []),
    cache(usage.BuildCache ?? []),
  ];
}

function images({ Images, LayersSize = 0, Containers }: DiskUsage): Row {
  const all = Images ?? [];
  const used = new Set((Containers ?? []).map(({ ImageID }) => ImageID));
  const isUsed = ({ Containers: count = -1, Id }: ImageSummary) =>
    count === -1 ? used.has(Id ?? '') : count > 0;
  const inUse = all.filter(isUsed);
  const own = inUse.reduce((sum, { Size = 0, SharedSize = 0 }) => {
    return Size === -1 || SharedSize === -1 ? sum : sum + Size - SharedSize;
  }, 0);
  return {
    type: 'Images',
    total: all.length,
    active: inUse.length,
    size: LayersSize,
    reclaimable: LayersSize - own,
    hasShare: true,
  };
}

function containers(all: readonly ContainerSummary[]): Row {
  const isActive = ({ State }: ContainerSummary) => ['running', 'paused', 'restarting'].includes(State ?? '');
  const size = (some: readonly ContainerSummary[]) =>
    some.reduce((sum, { SizeRw }) => sum + (SizeRw ?? 0), 0);
  return {
    type: 'Containers',
    total: all.length,
    active: all.filter(isActive).length,
    size: size(all),
    reclaimable: size(all.filter((each) => !isActive(each))),
    hasShare: true,
  };
}

function volumes(all: readonly Volume[]): Row {
  const size = (some: readonly Volume[]) =>
    some.reduce((sum, { UsageData }) => sum + Math.max(UsageData?.Size ?? 0, 0), 0);
  const isUsed = ({ UsageData }: Volume) => (UsageData?.RefCount ?? 0) > 0;
  return {
    type: 'Local Volumes',
    total: all.length,
    active: all.filter(isUsed).length,
    size: size(all),
    reclaimable: size(all.filter((each) => !isUsed(each))),
    hasShare: true,
  };
}

function cache(all: readonly BuildCache[]): Row {
  const size = (some: readonly BuildCache[]) =>
    some.reduce((sum, { Size = 0, Shared }) => (Shared === true ? sum : sum + Size), 0);
  const inUse = all.filter(({ InUse }) => InUse === true);
  return {
    type: 'Build Cache',
    total: all.length,
    active: inUse.length,
    size: size(all),
    reclaimable: size(all) - size(inUse),
    hasShare: false,
  };
}

const dfListing: Listing<Row> = {
  typeName: '*formatter.diskUsageContext',
  table: '{{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}',
  columns: {
    Type: { heading: 'TYPE', value: ({ type }) => type },
    TotalCount: { heading: 'TOTAL', value: ({ total }) => String(total) },
    Active: { heading: 'ACTIVE', value: ({ active }) => String(active) },
    Size: { heading: 'SIZE', value: ({ size }) => formatSize(size, 4) },
    Reclaimable: { heading: 'RECLAIMABLE', value: formatReclaimable },
  },
};

function formatReclaimable({ reclaimable, size, hasShare }: Row): string {
  const shown = formatSize(reclaimable, 4);
  return hasShare && size > 0 ? `${shown} (${Math.trunc((reclaimable * 100) / size)}%)` : shown;
}
