/** `cais stats`: CPU, memory and traffic of containers, redrawn every second on a terminal. */
import { pathOf } from '../../../engine-api/client.ts';
import type { ContainerStatsResponse, ContainerSummary } from '../../../engine-api/types.ts';
import { CaisError } from '../../../lib/errors.ts';
import { atLeast, defineCommand } from '../../command.ts';
import type { CliContext } from '../../context.ts';
import { bool, string } from '../../flags.ts';
import { formatList } from '../../format.ts';
import { listFormatHelp } from '../format-help.ts';
import { type Sample, statsListing } from './stats-listing.ts';

export const stats = defineCommand({
  usage: '[OPTIONS] [CONTAINER...]',
  aliases: ['container stats', 'stats'],
  flags: {
    all: bool('Show all containers (default shows just running)', 'a'),
    format: string(listFormatHelp),
    'no-stream': bool('Disable streaming stats and only pull the first result'),
    'no-trunc': bool('Do not truncate output'),
  },
  count: atLeast(0),
  completes: 'running',
  run: async ({ context, flags, args }) => {
    const listing = statsListing(flags['no-trunc']);
    const show = async () => {
      const names = args.length > 0 ? args : await runningNames(context, flags.all);
      const samples = await Promise.all(names.map((name) => sample(context, name, args.length > 0)));
      return formatList(
        listing,
        samples.filter((each) => each !== undefined),
        flags.format,
      );
    };
    if (flags['no-stream']) return await context.out.write(await show());
    while (!context.out.isClosed) {
      const text = await show();
      const isDrawn = context.out.isTerminal;
      await context.out.write(isDrawn ? `\x1b[H${text.replaceAll('\n', '\x1b[K\n')}\x1b[J` : text);
    }
  },
});

async function runningNames({ engine }: CliContext, all: boolean): Promise<readonly string[]> {
  const containers = await engine.get<ContainerSummary[]>('/containers/json', { all });
  return containers.map(({ Id = '' }) => Id);
}

/** Two readings a second apart make one sample. @throws what the engine says, where the user named the container. */
async function sample({ engine }: CliContext, name: string, isNamed: boolean): Promise<Sample | undefined> {
  try {
    const path = `/containers/${pathOf(name)}/stats`;
    return { name, stats: await engine.get<ContainerStatsResponse>(path, { stream: '0' }) };
  } catch (error) {
    // One that was listed a moment ago may be gone.
    if (isNamed || !(error instanceof CaisError)) throw error;
    return undefined;
  }
}
