/** `cais ps`: the containers, in docker's columns. */
import { formatFilters, groupFilters } from '../../../engine-api/filters.ts';
import type { ContainerSummary } from '../../../engine-api/types.ts';
import { defineCommand, exactly } from '../../command.ts';
import { bool, filter, int, string } from '../../flags.ts';
import { formatList } from '../../format.ts';
import { listFormatHelp } from '../format-help.ts';
import { containerListing } from './listing.ts';

export const ls = defineCommand({
  usage: '[OPTIONS]',
  aliases: ['container ls', 'container list', 'container ps', 'ps'],
  flags: {
    all: bool('Show all containers (default shows just running)', 'a'),
    filter: filter('Filter output based on conditions provided', 'f'),
    format: string(listFormatHelp),
    last: int('Show n last created containers (includes all states)', 'n', { shownDefault: '-1' }),
    latest: bool('Show the latest created container (includes all states)', 'l'),
    'no-trunc': bool("Don't truncate output"),
    quiet: bool('Only display container IDs', 'q'),
    size: bool('Display total file sizes', 's'),
  },
  count: exactly(0),
  run: async ({ context, flags }) => {
    const format = flags.format ?? (flags.quiet ? undefined : (await context.configFile()).psFormat);
    const last = flags.latest ? 1 : flags.last;
    // The sizes cost the engine a walk over the disk: only asked for where they are shown.
    const size = flags.size || (format !== undefined && /\.Size\b/.test(format));
    const containers = await context.engine.get<ContainerSummary[]>('/containers/json', {
      all: flags.all,
      limit: last !== undefined && last > 0 ? last : undefined,
      size,
      filters: formatFilters(groupFilters(flags.filter)),
    });
    const listing = containerListing({ isWhole: flags['no-trunc'], showsSize: flags.size });
    const wanted = flags.quiet && (format === undefined || format === 'table') ? '{{.ID}}' : format;
    await context.out.write(formatList(listing, containers, wanted));
  },
});
