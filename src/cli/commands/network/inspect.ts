/** `cais network inspect`. */
import { pathOf } from '../../../engine-api/client.ts';
import { atLeast, defineCommand } from '../../command.ts';
import { bool, string } from '../../flags.ts';
import { printInspected } from '../../inspect.ts';
import { formatHelp } from '../format-help.ts';

export const inspect = defineCommand({
  usage: '[OPTIONS] NETWORK [NETWORK...]',
  flags: { format: string(formatHelp, 'f'), verbose: bool('Verbose output for diagnostics', 'v') },
  count: atLeast(1),
  run: async ({ context, flags: { format, verbose }, args }) => {
    await printInspected(args, format, context.out, (name) =>
      context.engine.get(`/networks/${pathOf(name)}`, { verbose }),
    );
  },
});
