/** `cais builder prune`: steps of builds that are kept for the next one. */
import { defineCommand, exactly } from '../../command.ts';
import { bool, bytes, filter } from '../../flags.ts';
import { formatSize } from '../../human.ts';
import { confirm } from '../prune.ts';
import { pruneBuilds } from './prune-builds.ts';

export const prune = defineCommand({
  usage: '[OPTIONS]',
  flags: {
    all: bool('Remove all unused build cache, not just dangling ones', 'a'),
    filter: filter('Provide filter values (e.g. "until=24h")'),
    force: bool('Do not prompt for confirmation', 'f'),
    'keep-storage': bytes('Amount of disk space to keep for cache'),
    'reserved-space': { ...bytes(''), hidden: true, aliasOf: 'keep-storage' },
  },
  count: exactly(0),
  run: async ({ context, flags }) => {
    const what = flags.all ? 'all build cache' : 'all dangling build cache';
    await confirm(context, flags.force, `WARNING! This will remove ${what}.`);
    const freed = await pruneBuilds(context, flags.filter, {
      all: flags.all,
      'keep-storage': flags['keep-storage'],
    });
    await context.out.write(`Total reclaimed space: ${formatSize(freed, 4)}\n`);
  },
});
