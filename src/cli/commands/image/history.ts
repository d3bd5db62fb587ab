/** `cais history`: the layers of an image and the commands that made them. */
import { pathOf } from '../../../engine-api/client.ts';
import type { HistoryItem } from '../../../engine-api/image-changes.ts';
import { parsePlatform } from '../../../oci/image/platform.ts';
import { InvalidError } from '../../../lib/errors.ts';
import { defineCommand, exactly } from '../../command.ts';
import type { CliContext } from '../../context.ts';
import { bool, string } from '../../flags.ts';
import { formatList, type Listing } from '../../format.ts';
import { ellipsis, formatAge, formatSize, shortId } from '../../human.ts';
import { listFormatHelp } from '../format-help.ts';
import { writeHistoryFiles } from './history-files.ts';

export const history = defineCommand({
  usage: '[OPTIONS] IMAGE',
  aliases: ['image history', 'history'],
  flags: {
    files: bool('Show which files each layer changed'),
    format: string(listFormatHelp),
    human: bool('Print sizes and dates in human readable format', 'H', true),
    'no-trunc': bool("Don't truncate output"),
    platform: string(
      'Show history for the given platform. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
    ),
    quiet: bool('Only show image IDs', 'q'),
  },
  count: exactly(1),
  completes: 'image',
  run: async ({ context, flags, args: [name = ''] }) => {
    if (flags.files) return writeFiles(context, name, flags);
    const platform = platformQuery(flags.platform);
    const items = await context.engine.get<HistoryItem[]>(`/images/${pathOf(name)}/history`, { platform });
    const listing = historyListing(flags['no-trunc'], flags.human);
    const isQuiet = flags.quiet && (flags.format === undefined || flags.format === 'table');
    await context.out.write(formatList(listing, items, isQuiet ? '{{.ID}}' : flags.format));
  },
});

interface FilesFlags {
  readonly format: string | undefined;
  readonly human: boolean;
  readonly 'no-trunc': boolean;
  readonly platform: string | undefined;
  readonly quiet: boolean;
}

async function writeFiles(context: CliContext, name: string, flags: FilesFlags): Promise<void> {
  if (flags.quiet) throw new InvalidError('conflicting options: --files and --quiet');
  const [isWhole, isHuman] = [flags['no-trunc'], flags.human];
  const table = (items: readonly HistoryItem[]) =>
    formatList(historyListing(isWhole, isHuman), items, 'table').trimEnd().split('\n');
  const platform = platformQuery(flags.platform);
  await writeHistoryFiles(context, { name, platform, format: flags.format, isWhole, isHuman, table });
}

function platformQuery(text: string | undefined): string | undefined {
  return text && JSON.stringify(parsePlatform(text));
}

function historyListing(isWhole: boolean, isHuman: boolean): Listing<HistoryItem> {
  const created = isHuman ? '{{.CreatedSince}}' : '{{.CreatedAt}}';
  return {
    typeName: '*image.historyContext',
    table: `{{.ID}}\t${created}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}`,
    columns: {
      ID: { heading: 'IMAGE', value: ({ Id }) => (isWhole ? Id : shortId(Id)) },
      CreatedSince: {
        heading: 'CREATED',
        value: ({ Created }) =>
          Created <= 0 ? 'N/A' : isHuman ? formatAge(Created) : formatRfc3339(Created),
      },
      CreatedAt: {
        heading: 'CREATED AT',
        value: ({ Created }) => (Created <= 0 ? 'N/A' : formatRfc3339(Created)),
      },
      CreatedBy: { heading: 'CREATED BY', value: ({ CreatedBy }) => formatCommand(CreatedBy, isWhole) },
      Size: { heading: 'SIZE', value: ({ Size }) => (isHuman ? formatSize(Size) : String(Size)) },
      Comment: { heading: 'COMMENT', value: ({ Comment }) => Comment },
    },
  };
}

function formatCommand(command: string, isWhole: boolean): string {
  const line = command.replaceAll('\t', ' ');
  return isWhole ? line : ellipsis(line, 45);
}

function formatRfc3339(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
