/** `cais context rm`. */
import { InvalidError } from '../../../lib/errors.ts';
import { atLeast, defineCommand } from '../../command.ts';
import { defaultContext } from '../../config.ts';
import { ContextStore } from '../../context-store.ts';
import { contextNameOf } from '../../endpoint.ts';
import { bool } from '../../flags.ts';
import { forEachName } from '../each.ts';

export const rm = defineCommand({
  usage: 'CONTEXT [CONTEXT...]',
  aliases: ['context rm', 'context remove'],
  flags: { force: bool('Force the removal of a context in use', 'f') },
  count: atLeast(1),
  completes: 'none',
  run: async ({ context, flags: { force }, args }) => {
    const file = await context.configFile();
    const store = new ContextStore(context.config.directory);
    const current = contextNameOf(context.config, file);
    await forEachName(args, context.out, async (name) => {
      const shown = JSON.stringify(name);
      if (name === defaultContext) throw new InvalidError(`context ${shown} cannot be removed`);
      if (!force && !store.has(name)) throw new InvalidError(`context ${shown} does not exist`);
      if (name === current) {
        if (!force) throw new InvalidError(`context ${shown} is in use, set -f flag to force remove`);
        await file.setCurrentContext(undefined);
      }
      store.remove(name);
    });
  },
});
