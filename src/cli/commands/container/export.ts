/** `cais export`: a container's file system as a tar archive. */
import { pathOf } from '../../../engine-api/client.ts';
import { defineCommand, exactly } from '../../command.ts';
import { string } from '../../flags.ts';
import { writeArchive } from '../archive-file.ts';

export const exportCommand = defineCommand({
  usage: '[OPTIONS] CONTAINER',
  aliases: ['container export', 'export'],
  flags: { output: string('Write to a file, instead of STDOUT', 'o') },
  count: exactly(1),
  completes: 'container',
  run: async ({ context, flags: { output }, args: [name = ''] }) => {
    await writeArchive(context, output, 'export container', () =>
      context.engine.call('GET', `/containers/${pathOf(name)}/export`),
    );
  },
});
