/** `cais rename`. */
import { pathOf } from '../../../engine-api/client.ts';
import { CaisError, InvalidError, messageOf } from '../../../lib/errors.ts';
import { defineCommand, exactly } from '../../command.ts';
import { ExitError } from '../../exit-code.ts';

export const rename = defineCommand({
  usage: 'CONTAINER NEW_NAME',
  aliases: ['container rename', 'rename'],
  flags: {},
  count: exactly(2),
  completes: 'container',
  run: async ({ context, args: [old = '', name = ''] }) => {
    if (old.trim() === '' || name.trim() === '') {
      throw new InvalidError('Error: Neither old nor new names may be empty');
    }
    try {
      await context.engine.post(`/containers/${pathOf(old)}/rename`, { query: { name } });
    } catch (error) {
      if (!(error instanceof CaisError)) throw error;
      throw new ExitError(1, `${messageOf(error)}\nError: failed to rename container named ${old}`);
    }
  },
});
