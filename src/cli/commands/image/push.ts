/** `cais push`: an image from the engine to its registry. docs/flows/push.md */
import { InvalidError } from '../../../lib/errors.ts';
import { formatReference, parseReference, withDefaultTag } from '../../../oci/image/reference.ts';
import { defineCommand, exactly } from '../../command.ts';
import { bool, string } from '../../flags.ts';
import { MemoryOutput } from '../../output.ts';
import { pushImage } from './push-image.ts';

export const push = defineCommand({
  usage: '[OPTIONS] NAME[:TAG]',
  aliases: ['image push', 'push'],
  flags: {
    'all-tags': bool('Push all tags of an image to the repository', 'a'),
    'disable-content-trust': bool('Skip image signing', undefined, true),
    platform: string(
      "Push a platform-specific manifest as a single-platform image to the registry.\nImage index won't be pushed, meaning that other manifests, including attestations won't be preserved.\n'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)",
    ),
    quiet: bool('Suppress verbose output', 'q'),
  },
  count: exactly(1),
  completes: 'image',
  run: async ({ context, flags, args: [text = ''] }) => {
    const named = parseReference(text);
    const isAll = flags['all-tags'];
    if (isAll && named.tag !== undefined) throw new InvalidError("tag can't be used with --all-tags/-a");
    const image = isAll ? named : withDefaultTag(named);
    const out = flags.quiet ? new MemoryOutput() : context.out;
    if (!isAll && named.tag === undefined && !flags.quiet) {
      await out.write(`Using default tag: ${image.tag ?? ''}\n`);
    }
    const platform = flags.platform ?? context.config.platform;
    await pushImage(context, image, { platform, out });
    if (flags.quiet) await context.out.write(`${formatReference(image)}\n`);
  },
});
