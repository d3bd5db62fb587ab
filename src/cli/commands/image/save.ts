/** `cais save`: images as a tar archive that every docker can load. */
import { parsePlatform } from '../../../oci/image/platform.ts';
import { atLeast, defineCommand } from '../../command.ts';
import { string } from '../../flags.ts';
import { writeArchive } from '../archive-file.ts';

export const save = defineCommand({
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  aliases: ['image save', 'save'],
  flags: {
    output: string('Write to a file, instead of STDOUT', 'o'),
    platform: string(
      'Save only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
    ),
  },
  count: atLeast(1),
  completes: 'image',
  run: async ({ context, flags, args: names }) => {
    const platform = flags.platform && JSON.stringify(parsePlatform(flags.platform));
    await writeArchive(context, flags.output, 'save image', () =>
      context.engine.call('GET', '/images/get', { query: { names, platform } }),
    );
  },
});
