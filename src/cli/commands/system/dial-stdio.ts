/** `cais system dial-stdio`: stdin and stdout as a connection to the engine. What `ssh://` runs on the other side. */
import { InvalidError } from '../../../lib/errors.ts';
import { defineCommand, exactly } from '../../command.ts';
import type { CliContext } from '../../context.ts';
import type { HijackedStream } from '../../../engine-api/hijack.ts';

export const dialStdio = defineCommand({
  usage: '',
  long: 'Proxy the stdio stream to the daemon connection. Should not be invoked manually.',
  flags: {},
  count: exactly(0),
  completes: 'none',
  run: async ({ context }) => {
    // It would be asked for there again, and so on without end.
    const { host } = await context.endpoint();
    if (host.startsWith('ssh:'))
      throw new InvalidError(`the engine's address on this side is ${host} itself`);
    const stream = await context.engine.dial();
    // The input may stay open for ever: what the engine says decides when it is over.
    void sendInput(context, stream);
    for await (const chunk of stream.readable) {
      await context.out.write(chunk);
      if (context.out.isClosed) break;
    }
    stream.close();
  },
});

async function sendInput({ input }: CliContext, stream: HijackedStream): Promise<void> {
  for await (const chunk of input.stream()) await stream.write(chunk);
  stream.closeWrite();
}
