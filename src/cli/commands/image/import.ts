/** `cais import`: a root file system out of a tar archive becomes an image of one layer. */
import { familiarRepository, parseReference } from '../../../oci/image/reference.ts';
import { between, defineCommand } from '../../command.ts';
import { list, string } from '../../flags.ts';
import { showProgress } from '../../progress.ts';
import { openInput } from '../archive-file.ts';

export const importCommand = defineCommand({
  usage: '[OPTIONS] file|URL|- [REPOSITORY[:TAG]]',
  aliases: ['image import', 'import'],
  flags: {
    change: list('Apply Dockerfile instruction to the created image', 'c'),
    message: string('Set commit message for imported image', 'm'),
    platform: string('Set platform if server is multi-platform capable'),
  },
  count: between(1, 2),
  run: async ({ context, flags, args: [source = '', target] }) => {
    const name = target === undefined ? undefined : parseReference(target);
    const isRemote = /^https?:\/\//.test(source);
    const file = source === '-' ? context.input.stream() : isRemote ? undefined : await openInput(source);
    const response = await context.engine.call('POST', '/images/create', {
      query: {
        fromSrc: isRemote ? source : '-',
        repo: name && familiarRepository(name),
        tag: name?.tag,
        message: flags.message,
        changes: flags.change,
        platform: flags.platform,
      },
      headers: { 'Content-Type': 'application/x-tar' },
      ...(file && { body: file }),
    });
    await showProgress(response.body, context.out);
  },
});
