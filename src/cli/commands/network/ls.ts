/** `cais network ls`. */
import { formatFilters, groupFilters } from '../../../engine-api/filters.ts';
import type { Network } from '../../../engine-api/types.ts';
import { defineCommand, exactly } from '../../command.ts';
import { bool, filter, string } from '../../flags.ts';
import { formatList, type Listing } from '../../format.ts';
import { formatTime, shortId } from '../../human.ts';
import { listFormatHelp } from '../format-help.ts';

export const ls = defineCommand({
  usage: '[OPTIONS]',
  aliases: ['network ls', 'network list'],
  flags: {
    filter: filter('Provide filter values (e.g. "driver=bridge")', 'f'),
    format: string(listFormatHelp),
    'no-trunc': bool('Do not truncate the output'),
    quiet: bool('Only display network IDs', 'q'),
  },
  count: exactly(0),
  run: async ({ context, flags }) => {
    const filters = formatFilters(groupFilters(flags.filter));
    const networks = await context.engine.get<Network[]>('/networks', { filters });
    const sorted = networks.toSorted((a, b) => ((a.Name ?? '') < (b.Name ?? '') ? -1 : 1));
    const isQuiet = flags.quiet && flags.format === undefined;
    const listing = networkListing(flags['no-trunc']);
    await context.out.write(formatList(listing, sorted, isQuiet ? '{{.ID}}' : flags.format));
  },
});

function networkListing(isWhole: boolean): Listing<Network> {
  const labels = ({ Labels }: Network) =>
    Object.entries(Labels ?? {}).map(([name, value]) => `${name}=${value}`);
  return {
    typeName: '*network.networkContext',
    table: '{{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}',
    columns: {
      ID: { heading: 'NETWORK ID', value: ({ Id = '' }) => (isWhole ? Id : shortId(Id)) },
      Name: { heading: 'NAME', value: ({ Name = '' }) => Name },
      Driver: { heading: 'DRIVER', value: ({ Driver = '' }) => Driver },
      Scope: { heading: 'SCOPE', value: ({ Scope = '' }) => Scope },
      IPv4: { heading: 'IPV4', value: ({ EnableIPv4 }) => String(EnableIPv4 ?? true) },
      IPv6: { heading: 'IPV6', value: ({ EnableIPv6 }) => String(EnableIPv6 ?? false) },
      Internal: { heading: 'INTERNAL', value: ({ Internal }) => String(Internal ?? false) },
      Labels: { heading: 'LABELS', value: (network) => labels(network).toSorted().join(',') },
      Label: {
        heading: '',
        value:
          ({ Labels }) =>
          (name: unknown) =>
            Labels?.[String(name)] ?? '',
        inJson: false,
      },
      CreatedAt: {
        heading: 'CREATED AT',
        value: ({ Created }) => formatTime(Date.parse(Created ?? '') / 1000 || 0),
      },
    },
  };
}
