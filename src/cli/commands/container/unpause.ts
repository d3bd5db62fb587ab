/** `cais unpause`: the processes of paused containers go on. */
import { pathOf } from '../../../engine-api/client.ts';
import { atLeast, defineCommand } from '../../command.ts';
import { forEachName } from '../each.ts';

export const unpause = defineCommand({
  usage: 'CONTAINER [CONTAINER...]',
  aliases: ['container unpause', 'unpause'],
  flags: {},
  count: atLeast(1),
  completes: 'running',
  run: async ({ context, args }) => {
    await forEachName(args, context.out, (name) =>
      context.engine.post(`/containers/${pathOf(name)}/unpause`),
    );
  },
});
