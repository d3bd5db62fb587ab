/** `cais rm`: containers and, with -v, the volumes that only they used. */
import { pathOf } from '../../../engine-api/client.ts';
import { InvalidError } from '../../../lib/errors.ts';
import { atLeast, defineCommand } from '../../command.ts';
import { bool } from '../../flags.ts';
import { forEachName } from '../each.ts';

export const rm = defineCommand({
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  aliases: ['container rm', 'container remove', 'rm'],
  flags: {
    force: bool('Force the removal of a running container (uses SIGKILL)', 'f'),
    link: bool('Remove the specified link', 'l'),
    volumes: bool('Remove anonymous volumes associated with the container', 'v'),
  },
  count: atLeast(1),
  completes: 'container',
  run: async ({ context, flags: { force, link, volumes: v }, args }) => {
    await forEachName(args, context.out, async (typed) => {
      const name = typed.replace(/^\/+/, '');
      if (name === '') throw new InvalidError('Container name cannot be empty');
      await context.engine.delete(`/containers/${pathOf(name)}`, { force, link, v });
    });
  },
});
