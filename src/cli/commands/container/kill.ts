/** `cais kill`: a signal, SIGKILL unless told. */
import { pathOf } from '../../../engine-api/client.ts';
import { atLeast, defineCommand } from '../../command.ts';
import { string } from '../../flags.ts';
import { forEachName } from '../each.ts';

export const kill = defineCommand({
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  aliases: ['container kill', 'kill'],
  flags: { signal: string('Signal to send to the container', 's') },
  count: atLeast(1),
  completes: 'running',
  run: async ({ context, flags: { signal }, args }) => {
    await forEachName(args, context.out, (name) =>
      context.engine.post(`/containers/${pathOf(name)}/kill`, { query: { signal } }),
    );
  },
});
