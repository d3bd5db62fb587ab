/** `cais context show`. */
import { defineCommand, exactly } from '../../command.ts';
import { contextNameOf } from '../../endpoint.ts';

export const show = defineCommand({
  usage: '',
  flags: {},
  count: exactly(0),
  completes: 'none',
  run: async ({ context }) => {
    await context.out.write(`${contextNameOf(context.config, await context.configFile())}\n`);
  },
});
