/** `cais images`: a line for every tag, docker's columns. */
import { type Filters, formatFilters, groupFilters } from '../../../engine-api/filters.ts';
import type { ImageSummary } from '../../../engine-api/types.ts';
import { between, defineCommand } from '../../command.ts';
import { bool, filter, string } from '../../flags.ts';
import { formatList } from '../../format.ts';
import { listFormatHelp } from '../format-help.ts';
import { imageListing, toRows } from './listing.ts';

export const ls = defineCommand({
  usage: '[OPTIONS] [REPOSITORY[:TAG]]',
  aliases: ['image ls', 'image list', 'images'],
  flags: {
    all: bool('Show all images (default hides intermediate images)', 'a'),
    digests: bool('Show digests'),
    filter: filter('Filter output based on conditions provided', 'f'),
    format: string(listFormatHelp),
    'no-trunc': bool("Don't truncate output"),
    quiet: bool('Only show image IDs', 'q'),
  },
  count: between(0, 1),
  completes: 'image',
  run: async ({ context, flags, args: [name] }) => {
    const images = await context.engine.get<ImageSummary[]>('/images/json', {
      all: flags.all,
      digests: flags.digests,
      filters: formatFilters(withReference(groupFilters(flags.filter), name)),
    });
    const format = flags.format ?? (flags.quiet ? undefined : (await context.configFile()).imagesFormat);
    const isQuiet = flags.quiet && (format === undefined || format === 'table');
    const showsDigests = flags.digests || (format?.includes('{{.Digest}}') ?? false);
    const listing = imageListing({ isWhole: flags['no-trunc'], showsDigests });
    const rows = toRows(images, showsDigests && !isQuiet, isQuiet);
    await context.out.write(formatList(listing, rows, isQuiet ? '{{.ID}}' : format));
  },
});

function withReference(filters: Filters, name: string | undefined): Filters {
  return name === undefined || name === '' ? filters : new Map([...filters, ['reference', [name]]]);
}
