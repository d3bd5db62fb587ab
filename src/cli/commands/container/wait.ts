/** `cais wait`: blocks until each container stops, printing exit codes. */
import { atLeast, defineCommand } from '../../command.ts';
import { CaisError, messageOf } from '../../../lib/errors.ts';
import { ExitError } from '../../exit-code.ts';
import { awaitExit } from './session.ts';

export const wait = defineCommand({
  usage: 'CONTAINER [CONTAINER...]',
  aliases: ['container wait', 'wait'],
  flags: {},
  count: atLeast(1),
  completes: 'running',
  run: async ({ context, args }) => {
    const complaints: string[] = [];
    for (const name of args) {
      try {
        const { code } = await awaitExit(context.engine, name);
        await context.out.write(`${await code}\n`);
      } catch (error) {
        if (!(error instanceof CaisError)) throw error;
        complaints.push(messageOf(error));
      }
    }
    if (complaints.length > 0) throw new ExitError(1, complaints.join('\n'));
  },
});
