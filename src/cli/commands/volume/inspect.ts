/** `cais volume inspect`. */
import { pathOf } from '../../../engine-api/client.ts';
import { atLeast, defineCommand } from '../../command.ts';
import { string } from '../../flags.ts';
import { printInspected } from '../../inspect.ts';
import { formatHelp } from '../format-help.ts';

export const inspect = defineCommand({
  usage: '[OPTIONS] VOLUME [VOLUME...]',
  flags: { format: string(formatHelp, 'f') },
  count: atLeast(1),
  run: async ({ context, flags: { format }, args }) => {
    await printInspected(args, format, context.out, (name) => context.engine.get(`/volumes/${pathOf(name)}`));
  },
});
