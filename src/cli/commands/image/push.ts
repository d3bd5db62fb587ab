/** `cais push`: an image from the engine to its registry. docs/flows/push.md */
import { pathOf } from '../../../engine-api/client.ts';
import { InvalidError } from '../../../lib/errors.ts';
import { parsePlatform } from '../../../oci/image/platform.ts';
import { formatRepository, parseReference, withDefaultTag } from '../../../oci/image/reference.ts';
import { defineCommand, exactly } from '../../command.ts';
import { bool, string } from '../../flags.ts';
import { formatReference } from '../../../oci/image/reference.ts';
import { MemoryOutput } from '../../output.ts';
import { showProgress } from '../../progress.ts';
import { registryAuth } from '../../registry-auth.ts';

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
    const response = await context.engine.call('POST', `/images/${pathOf(formatRepository(image))}/push`, {
      query: { tag: image.tag, platform: platform && JSON.stringify(parsePlatform(platform)) },
      headers: await registryAuth(context, image),
    });
    await showProgress(response.body, out);
    if (flags.quiet) await context.out.write(`${formatReference(image)}\n`);
  },
});
