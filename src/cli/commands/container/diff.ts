/** `cais diff`: A added, C changed, D deleted, a path each; of a container, or between two images. */
import { pathOf } from '../../../engine-api/client.ts';
import type { FilesystemChange } from '../../../engine-api/types.ts';
import { between, defineCommand } from '../../command.ts';
import { letterOf } from '../../file-change.ts';
import { diffImages } from '../image/diff.ts';

export const diff = defineCommand({
  usage: 'CONTAINER | IMAGE IMAGE',
  long: "Inspect changes to files or directories on a container's filesystem, or the differences between two images",
  aliases: ['container diff', 'diff'],
  flags: {},
  count: between(1, 2),
  completes: 'container',
  run: async ({ context, args: [name = '', other] }) => {
    if (other !== undefined) return diffImages(context, name, other);
    const changes = await context.engine.get<FilesystemChange[] | null>(
      `/containers/${pathOf(name)}/changes`,
    );
    const lines = (changes ?? []).map((change) => `${letterOf(change)} ${change.Path}\n`);
    await context.out.write(lines.join(''));
  },
});
