/** `cais network rm`. */
import { pathOf } from '../../../engine-api/client.ts';
import { NotFoundError } from '../../../lib/errors.ts';
import { atLeast, defineCommand } from '../../command.ts';
import { bool } from '../../flags.ts';
import { forEachName } from '../each.ts';

export const rm = defineCommand({
  usage: 'NETWORK [NETWORK...]',
  aliases: ['network rm', 'network remove'],
  flags: { force: bool('Do not error if the network does not exist', 'f') },
  count: atLeast(1),
  run: async ({ context, flags: { force }, args }) => {
    await forEachName(args, context.out, async (name) => {
      await context.engine.delete(`/networks/${pathOf(name)}`).catch((error: unknown) => {
        if (!force || !(error instanceof NotFoundError)) throw error;
      });
    });
  },
});
