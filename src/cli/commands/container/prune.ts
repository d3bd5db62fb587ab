/** `cais container prune`: the containers that don't run. */
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
    await confirm(context, flags.force, 'WARNING! This will remove all stopped containers.');
    await pruneOne(context, 'containers', flags.filter);
  },
});
