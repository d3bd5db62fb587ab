/** A command that runs or tends a server: the flags are here, what it does comes from bin/. */
import { UnsupportedError } from '../../../lib/errors.ts';
import { type ArgumentCount, type Command, defineCommand, exactly } from '../../command.ts';
import type { FlagTable } from '../../flags.ts';

export function serverCommand(
  path: string,
  usage: string,
  flags: FlagTable,
  count: ArgumentCount = exactly(0),
  long?: string,
): Command {
  return defineCommand({
    usage,
    ...(long !== undefined && { long }),
    flags,
    count,
    completes: 'none',
    run: async ({ context, flags: values, args }) => {
      const load = context.servers[path];
      if (!load) throw new UnsupportedError(`this program was built without 'cais ${path}'`);
      const command = await load();
      return await command({ ...values, args }, context.input, context.out);
    },
  });
}
