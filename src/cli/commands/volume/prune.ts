/** `cais volume prune`. */
import { defineCommand, exactly } from '../../command.ts';
import { bool, filter } from '../../flags.ts';
import { confirm, pruneOne } from '../prune.ts';

export const prune = defineCommand({
  usage: '[OPTIONS]',
  flags: {
    all: bool('Remove all unused volumes, not just anonymous ones', 'a'),
    filter: filter('Provide filter values (e.g. "label=<label>")'),
    force: bool('Do not prompt for confirmation', 'f'),
  },
  count: exactly(0),
  run: async ({ context, flags }) => {
    const which = flags.all ? 'all' : 'anonymous';
    await confirm(
      context,
      flags.force,
      `WARNING! This will remove ${which} local volumes not used by at least one container.`,
    );
    await pruneOne(context, 'volumes', [...(flags.all ? ['all=true'] : []), ...flags.filter]);
  },
});
