/** `cais container inspect`. */
import { pathOf } from '../../../engine-api/client.ts';
import { atLeast, defineCommand } from '../../command.ts';
import { bool, string } from '../../flags.ts';
import { printInspected } from '../../inspect.ts';
import { formatHelp } from '../format-help.ts';

export const inspect = defineCommand({
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  flags: { format: string(formatHelp, 'f'), size: bool('Display total file sizes', 's') },
  count: atLeast(1),
  completes: 'container',
  run: async ({ context, flags: { format, size }, args }) => {
    await printInspected(args, format, context.out, (name) =>
      context.engine.get(`/containers/${pathOf(name)}/json`, { size }),
    );
  },
});
