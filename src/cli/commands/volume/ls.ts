/** `cais volume ls`. */
import { formatFilters, groupFilters } from '../../../engine-api/filters.ts';
import type { Volume, VolumeListResponse } from '../../../engine-api/types.ts';
import { defineCommand, exactly } from '../../command.ts';
import { bool, filter, string } from '../../flags.ts';
import { formatList, type Listing } from '../../format.ts';
import { listFormatHelp } from '../format-help.ts';

export const ls = defineCommand({
  usage: '[OPTIONS]',
  aliases: ['volume ls', 'volume list'],
  flags: {
    filter: filter('Provide filter values (e.g. "dangling=true")', 'f'),
    format: string(listFormatHelp),
    quiet: bool('Only display volume names', 'q'),
  },
  count: exactly(0),
  run: async ({ context, flags }) => {
    const filters = formatFilters(groupFilters(flags.filter));
    const { Volumes } = await context.engine.get<VolumeListResponse>('/volumes', { filters });
    const sorted = (Volumes ?? []).toSorted((a, b) => ((a.Name ?? '') < (b.Name ?? '') ? -1 : 1));
    const isQuiet = flags.quiet && flags.format === undefined;
    await context.out.write(formatList(volumeListing, sorted, isQuiet ? '{{.Name}}' : flags.format));
  },
});

const volumeListing: Listing<Volume> = {
  typeName: '*formatter.volumeContext',
  table: '{{.Driver}}\t{{.Name}}',
  columns: {
    Driver: { heading: 'DRIVER', value: ({ Driver }) => Driver },
    Name: { heading: 'VOLUME NAME', value: ({ Name }) => Name },
    Scope: { heading: 'SCOPE', value: ({ Scope }) => Scope },
    Mountpoint: { heading: 'MOUNTPOINT', value: ({ Mountpoint }) => Mountpoint },
    Labels: {
      heading: 'LABELS',
      value: ({ Labels }) =>
        Object.entries(Labels ?? {})
          .map(([name, value]) => `${name}=${value}`)
          .join(','),
    },
    Label: {
      heading: '',
      value:
        ({ Labels }) =>
        (name: unknown) =>
          Labels?.[String(name)] ?? '',
      inJson: false,
    },
    Links: { heading: 'LINKS', value: ({ UsageData }) => String(UsageData?.RefCount ?? 'N/A') },
    Size: { heading: 'SIZE', value: ({ UsageData }) => String(UsageData?.Size ?? 'N/A') },
  },
};
