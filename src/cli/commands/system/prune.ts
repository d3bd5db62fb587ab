/** `cais system prune`: everything that nothing uses. */
import { defineCommand, exactly } from '../../command.ts';
import { bool, filter } from '../../flags.ts';
import { formatSize } from '../../human.ts';
import { confirm, pruneOne } from '../prune.ts';

export const prune = defineCommand({
  usage: '[OPTIONS]',
  flags: {
    all: bool('Remove all unused images not just dangling ones', 'a'),
    filter: filter('Provide filter values (e.g. "label=<key>=<value>")'),
    force: bool('Do not prompt for confirmation', 'f'),
    volumes: bool('Prune anonymous volumes'),
  },
  count: exactly(0),
  run: async ({ context, flags }) => {
    await confirm(context, flags.force, warning(flags.all, flags.volumes));
    const imageFilters = [`dangling=${!flags.all}`, ...flags.filter];
    let bytes = await pruneOne(context, 'containers', flags.filter, false);
    bytes += await pruneOne(context, 'networks', flags.filter, false);
    if (flags.volumes) bytes += await pruneOne(context, 'volumes', flags.filter, false);
    bytes += await pruneOne(context, 'images', imageFilters, false);
    await context.out.write(`Total reclaimed space: ${formatSize(bytes, 4)}\n`);
  },
});

function warning(all: boolean, volumes: boolean): string {
  const things = [
    'all stopped containers',
    'all networks not used by at least one container',
    ...(volumes ? ['all anonymous volumes not used by at least one container'] : []),
    all ? 'all images without at least one container associated to them' : 'all dangling images',
  ];
  return `WARNING! This will remove:\n${things.map((thing) => `  - ${thing}\n`).join('')}`;
}
