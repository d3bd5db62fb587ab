/** `cais stop`: the stop signal, and SIGKILL for what still runs after a while. */
import { pathOf } from '../../../engine-api/client.ts';
import { atLeast, defineCommand } from '../../command.ts';
import { int, string } from '../../flags.ts';
import { forEachName } from '../each.ts';

export const stop = defineCommand({
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  aliases: ['container stop', 'stop'],
  flags: {
    signal: string('Signal to send to the container', 's'),
    timeout: int('Seconds to wait before killing the container', 't'),
    // The flag's name before docker 28.
    time: { ...int(''), hidden: true, aliasOf: 'timeout' },
  },
  count: atLeast(1),
  completes: 'running',
  run: async ({ context, flags, args }) => {
    const query = { signal: flags.signal, t: flags.timeout };
    await forEachName(args, context.out, (name) =>
      context.engine.post(`/containers/${pathOf(name)}/stop`, { query }),
    );
  },
});
