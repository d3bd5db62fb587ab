/** `cais volume rm`. */
import { pathOf } from '../../../engine-api/client.ts';
import { atLeast, defineCommand } from '../../command.ts';
import { bool } from '../../flags.ts';
import { forEachName } from '../each.ts';

export const rm = defineCommand({
  usage: '[OPTIONS] VOLUME [VOLUME...]',
  long: 'Remove one or more volumes. You cannot remove a volume that is in use by a container.',
  aliases: ['volume rm', 'volume remove'],
  flags: { force: bool('Force the removal of one or more volumes', 'f') },
  count: atLeast(1),
  run: async ({ context, flags: { force }, args }) => {
    await forEachName(args, context.out, (name) =>
      context.engine.delete(`/volumes/${pathOf(name)}`, { force }),
    );
  },
});
