/** `cais system prune`: everything that nothing uses. */
import { InvalidError } from '../../../lib/errors.ts';
import { defineCommand, exactly } from '../../command.ts';
import { bool, filter as filterFlag } from '../../flags.ts';
import { formatSize } from '../../human.ts';
import { pruneBuilds } from '../builder/prune-builds.ts';
import { confirm, pruneOne } from '../prune.ts';

export const prune = defineCommand({
  usage: '[OPTIONS]',
  flags: {
    all: bool('Remove all unused images not just dangling ones', 'a'),
    filter: filterFlag('Provide filter values (e.g. "label=<key>=<value>")'),
    force: bool('Do not prompt for confirmation', 'f'),
    volumes: bool('Prune anonymous volumes'),
  },
  count: exactly(0),
  run: async ({ context, flags }) => {
    if (flags.volumes && flags.filter.some((text) => text.startsWith('until='))) {
      throw new InvalidError('ERROR: The "until" filter is not supported with "--volumes"');
    }
    await confirm(context, flags.force, warning(flags));
    const imageFilters = [`dangling=${!flags.all}`, ...flags.filter];
    let bytes = await pruneOne(context, 'containers', flags.filter, false);
    bytes += await pruneOne(context, 'networks', flags.filter, false);
    if (flags.volumes) bytes += await pruneOne(context, 'volumes', flags.filter, false);
    bytes += await pruneOne(context, 'images', imageFilters, false);
    // The cache knows no labels: docker leaves them out.
    const cacheFilters = flags.filter.filter((text) => !/^label!?=/.test(text));
    bytes += await pruneBuilds(context, cacheFilters, { all: flags.all });
    await context.out.write(`Total reclaimed space: ${formatSize(bytes, 4)}\n`);
  },
});

interface PruneFlags {
  readonly all: boolean;
  readonly volumes: boolean;
  readonly filter: readonly string[];
}

function warning({ all, volumes, filter }: PruneFlags): string {
  const things = [
    'all stopped containers',
    'all networks not used by at least one container',
    ...(volumes ? ['all anonymous volumes not used by at least one container'] : []),
    all ? 'all images without at least one container associated to them' : 'all dangling images',
    all ? 'all build cache' : 'unused build cache',
  ];
  const lines = (texts: readonly string[]): string => texts.map((text) => `  - ${text}\n`).join('');
  const filters =
    filter.length === 0 ? '' : `\n  Items to be pruned will be filtered with:\n${lines(filter.toSorted())}`;
  return `WARNING! This will remove:\n${lines(things)}${filters}`;
}
