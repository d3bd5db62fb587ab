/** `cais image prune`: images without a name, with -a those without a container too. */
import { defineCommand, exactly } from '../../command.ts';
import { bool, filter } from '../../flags.ts';
import { confirm, pruneOne } from '../prune.ts';

export const prune = defineCommand({
  usage: '[OPTIONS]',
  flags: {
    all: bool('Remove all unused images, not just dangling ones', 'a'),
    filter: filter('Provide filter values (e.g. "until=<timestamp>")'),
    force: bool('Do not prompt for confirmation', 'f'),
  },
  count: exactly(0),
  run: async ({ context, flags }) => {
    const what = flags.all ? 'images without at least one container associated to them' : 'dangling images';
    await confirm(context, flags.force, `WARNING! This will remove all ${what}.`);
    await pruneOne(context, 'images', [`dangling=${!flags.all}`, ...flags.filter]);
  },
});
