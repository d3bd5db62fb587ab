/** `cais rmi`: names, and the image itself with its last name. */
import { pathOf } from '../../../engine-api/client.ts';
import type { ImageDeleteResponseItem } from '../../../engine-api/types.ts';
import { CaisError, messageOf, NotFoundError } from '../../../lib/errors.ts';
import { atLeast, defineCommand } from '../../command.ts';
import { ExitError } from '../../exit-code.ts';
import { bool, strings } from '../../flags.ts';
import { parsePlatform } from '../../../oci/image/platform.ts';

export const rm = defineCommand({
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  aliases: ['image rm', 'image remove', 'rmi'],
  flags: {
    force: bool('Force removal of the image', 'f'),
    'no-prune': bool('Do not delete untagged parents'),
    platform: strings(
      'Remove only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
    ),
  },
  count: atLeast(1),
  completes: 'image',
  run: async ({ context, flags, args }) => {
    const platforms = flags.platform.map((text) => JSON.stringify(parsePlatform(text)));
    const query = { force: flags.force, noprune: flags['no-prune'], platforms };
    const complaints: string[] = [];
    let isFatal = false;
    for (const name of args) {
      try {
        const items = await context.engine.delete<ImageDeleteResponseItem[]>(
          `/images/${pathOf(name)}`,
          query,
        );
        await context.out.write(items.map(formatItem).join(''));
      } catch (error) {
        if (!(error instanceof CaisError)) throw error;
        isFatal ||= !(error instanceof NotFoundError);
        complaints.push(messageOf(error));
      }
    }
    if (complaints.length === 0) return 0;
    // With --force what is gone already is as good as removed.
    throw new ExitError(flags.force && !isFatal ? 0 : 1, complaints.join('\n'));
  },
});

function formatItem({ Deleted, Untagged }: ImageDeleteResponseItem): string {
  return Deleted === undefined || Deleted === '' ? `Untagged: ${Untagged ?? ''}\n` : `Deleted: ${Deleted}\n`;
}
