/** `cais network prune`. */
import { defineCommand, exactly } from '../../command.ts';
import { bool, filter } from '../../flags.ts';
import { confirm, pruneOne } from '../prune.ts';

export const prune = defineCommand({
  usage: '[OPTIONS]',
  flags: {
    filter: filter('Provide filter values (e.g. "until=<timestamp>")'),
    force: bool('Do not prompt for confirmation', 'f'),
  },
  count: exactly(0),
  run: async ({ context, flags }) => {
    const warning = 'WARNING! This will remove all custom networks not used by at least one container.';
    await confirm(context, flags.force, warning);
    await pruneOne(context, 'networks', flags.filter);
  },
});
