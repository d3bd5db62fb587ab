/** `cais pull`: an image from its registry into the engine. docs/flows/pull.md */
import { InvalidError } from '../../../lib/errors.ts';
import { formatReference, parseReference, withDefaultTag } from '../../../oci/image/reference.ts';
import { defineCommand, exactly } from '../../command.ts';
import { bool, string } from '../../flags.ts';
import { MemoryOutput } from '../../output.ts';
import { pullImage } from './pull-image.ts';

export const pull = defineCommand({
  usage: '[OPTIONS] NAME[:TAG|@DIGEST]',
  aliases: ['image pull', 'pull'],
  flags: {
    'all-tags': bool('Download all tagged images in the repository', 'a'),
    'disable-content-trust': bool('Skip image verification', undefined, true),
    platform: string('Set platform if server is multi-platform capable'),
    quiet: bool('Suppress verbose output', 'q'),
  },
  count: exactly(1),
  completes: 'image',
  run: async ({ context, flags, args: [text = ''] }) => {
    const named = parseReference(text);
    const hasTag = named.tag !== undefined || named.digest !== undefined;
    if (flags['all-tags'] && hasTag) throw new InvalidError("tag can't be used with --all-tags/-a");
    const image = flags['all-tags'] ? named : withDefaultTag(named);
    const out = flags.quiet ? new MemoryOutput() : context.out;
    if (!hasTag && !flags['all-tags'] && !flags.quiet) {
      await out.write(`Using default tag: ${image.tag ?? ''}\n`);
    }
    const platform = flags.platform ?? context.config.platform;
    await pullImage(context, image, { platform, out, allTags: flags['all-tags'] });
    await context.out.write(`${formatReference(image)}\n`);
  },
});
