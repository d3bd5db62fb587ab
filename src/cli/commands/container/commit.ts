/** `cais commit`: what a container has changed becomes an image. docs/flows/commit.md */
import type { IDResponse } from '../../../engine-api/types.ts';
import { familiarRepository, parseReference, withDefaultTag } from '../../../oci/image/reference.ts';
import { between, defineCommand } from '../../command.ts';
import { bool, list, string } from '../../flags.ts';
import { editMessage } from './commit-message.ts';

export const commit = defineCommand({
  usage: '[OPTIONS] CONTAINER [REPOSITORY[:TAG]]',
  aliases: ['container commit', 'commit'],
  flags: {
    author: string('Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")', 'a'),
    change: list('Apply Dockerfile instruction to the created image', 'c'),
    edit: bool('Write the message in an editor, the changed files listed below it', 'e'),
    message: string('Commit message', 'm'),
    pause: bool('Pause container during commit', 'p', true),
  },
  count: between(1, 2),
  completes: 'container',
  run: async ({ context, flags, args: [container = '', target] }) => {
    const name = target === undefined || target === '' ? undefined : withDefaultTag(parseReference(target));
    const comment = flags.edit
      ? await editMessage(context, { container, target, message: flags.message ?? '' })
      : flags.message;
    const { Id: id } = await context.engine.post<IDResponse>('/commit', {
      query: {
        container,
        repo: name && familiarRepository(name),
        tag: name?.tag,
        comment,
        author: flags.author,
        changes: flags.change,
        pause: flags.pause ? undefined : '0',
      },
      json: {},
    });
    await context.out.write(`${id}\n`);
  },
});
