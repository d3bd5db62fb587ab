/** `cais load`: images out of a tar archive that `save` wrote. */
import { parsePlatform } from '../../../oci/image/platform.ts';
import { defineCommand, exactly } from '../../command.ts';
import { ExitError } from '../../exit-code.ts';
import { bool, string } from '../../flags.ts';
import { MemoryOutput } from '../../output.ts';
import { showProgress } from '../../progress.ts';
import { openInput } from '../archive-file.ts';

export const load = defineCommand({
  usage: '[OPTIONS]',
  aliases: ['image load', 'load'],
  flags: {
    input: string('Read from tar archive file, instead of STDIN', 'i'),
    platform: string(
      'Load only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
    ),
    quiet: bool('Suppress the load output', 'q'),
  },
  count: exactly(0),
  run: async ({ context, flags }) => {
    if (flags.input === undefined && context.input.isTerminal) {
      throw new ExitError(1, 'requested load from stdin, but stdin is empty');
    }
    const body = flags.input === undefined ? context.input.stream() : await openInput(flags.input);
    const response = await context.engine.call('POST', '/images/load', {
      query: {
        quiet: flags.quiet || !context.out.isTerminal ? '1' : '0',
        platform: flags.platform && JSON.stringify(parsePlatform(flags.platform)),
      },
      headers: { 'Content-Type': 'application/x-tar' },
      body,
    });
    await showProgress(response.body, flags.quiet ? new MemoryOutput() : context.out);
  },
});
