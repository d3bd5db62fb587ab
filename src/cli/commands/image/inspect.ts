/** `cais image inspect`. */
import { parsePlatform } from '../../../oci/image/platform.ts';
import { atLeast, defineCommand } from '../../command.ts';
import { string } from '../../flags.ts';
import { printInspected } from '../../inspect.ts';
import { formatHelp } from '../format-help.ts';
import { inspectImage } from './inspect-image.ts';

export const inspect = defineCommand({
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  flags: {
    format: string(formatHelp, 'f'),
    platform: string(
      "Inspect a specific platform of the multi-platform image.\nIf the image or the server is not multi-platform capable, the command will error out if the platform does not match.\n'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)",
    ),
  },
  count: atLeast(1),
  completes: 'image',
  run: async ({ context, flags: { format, platform }, args }) => {
    const query = { platform: platform && JSON.stringify(parsePlatform(platform)) };
    await printInspected(args, format, context.out, (name) => inspectImage(context, name, format, query));
  },
});
