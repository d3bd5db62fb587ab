/** `cais system df -v`: a table for each kind of thing. */
import type { BuildCache, ContainerSummary, ImageSummary, Volume } from '../../../engine-api/types.ts';
import { formatList, type Listing } from '../../format.ts';
import { formatAge, formatSize } from '../../human.ts';
import { containerListing } from '../container/listing.ts';
import { imageListing, toRows } from '../image/listing.ts';

const imageTable =
  'table {{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}\t{{.SharedSize}}\t{{.UniqueSize}}\t{{.Containers}}';
const containerTable =
  'table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.LocalVolumes}}\t{{.Size}}\t{{.RunningFor}}\t{{.Status}}\t{{.Names}}';

export function formatDetails(usage: DiskUsage): string {
  const images = toRows(usage.Images ?? [], false);
  const cacheSize = (usage.BuildCache ?? []).reduce((sum, { Size = 0 }) => sum + Size, 0);
  return [
    `Images space usage:\n\n${formatList(imageListing({ isWhole: false, showsDigests: false }), images, imageTable)}`,
    `\nContainers space usage:\n\n${formatList(containers, withoutImage(usage.Containers ?? []), containerTable)}`,
    `\nLocal Volumes space usage:\n\n${formatList(volumes, usage.Volumes ?? [], undefined)}`,
    `\nBuild cache usage: ${formatSize(cacheSize, 4)}\n\n${formatList(buildCacheListing, usage.BuildCache ?? [], undefined)}`,
  ].join('');
}

export interface DiskUsage {
  readonly LayersSize?: number;
  readonly Images?: readonly ImageSummary[] | null;
  readonly Containers?: readonly ContainerSummary[] | null;
  readonly Volumes?: readonly Volume[] | null;
  readonly BuildCache?: readonly BuildCache[] | null;
}

/** The image's share is told in the table of images. */
function withoutImage(containers: readonly ContainerSummary[]): readonly ContainerSummary[] {
  return containers.map((container) => ({ ...container, SizeRootFs: 0 }));
}

const containers: Listing<ContainerSummary> = containerListing({ isWhole: false, showsSize: false });

const volumes: Listing<Volume> = {
  typeName: '*formatter.volumeContext',
  table: '{{.Name}}\t{{.Links}}\t{{.Size}}',
  columns: {
    Name: { heading: 'VOLUME NAME', value: ({ Name }) => Name },
    Links: { heading: 'LINKS', value: ({ UsageData }) => String(UsageData?.RefCount ?? 'N/A') },
    Size: {
      heading: 'SIZE',
      value: ({ UsageData }) => (UsageData ? formatSize(UsageData.Size ?? 0, 4) : 'N/A'),
    },
  },
};

export const buildCacheListing: Listing<BuildCache> = {
  typeName: '*formatter.buildCacheContext',
  table:
    '{{.ID}}\t{{.CacheType}}\t{{.Size}}\t{{.CreatedSince}}\t{{.LastUsedSince}}\t{{.UsageCount}}\t{{.Shared}}',
  columns: {
    ID: { heading: 'CACHE ID', value: ({ ID = '' }) => ID.slice(0, 12) },
    CacheType: { heading: 'CACHE TYPE', value: ({ Type = '' }) => Type },
    Size: { heading: 'SIZE', value: ({ Size = 0 }) => formatSize(Size) },
    CreatedSince: { heading: 'CREATED', value: ({ CreatedAt }) => since(CreatedAt) },
    LastUsedSince: { heading: 'LAST USED', value: ({ LastUsedAt }) => since(LastUsedAt) },
    UsageCount: { heading: 'USAGE', value: ({ UsageCount = 0 }) => String(UsageCount) },
    Shared: { heading: 'SHARED', value: ({ Shared = false }) => String(Shared) },
  },
};

function since(date: string | null | undefined): string {
  return date ? formatAge(Date.parse(date) / 1000) : '';
}
