/** `cais pause`: every process of the containers stands still. */
import { pathOf } from '../../../engine-api/client.ts';
import { atLeast, defineCommand } from '../../command.ts';
import { forEachName } from '../each.ts';

export const pause = defineCommand({
  usage: 'CONTAINER [CONTAINER...]',
  aliases: ['container pause', 'pause'],
  flags: {},
  count: atLeast(1),
  completes: 'running',
  run: async ({ context, args }) => {
    await forEachName(args, context.out, (name) => context.engine.post(`/containers/${pathOf(name)}/pause`));
  },
});
