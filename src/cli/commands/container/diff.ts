/** `cais diff`: A added, C changed, D deleted, a path each. */
import { pathOf } from '../../../engine-api/client.ts';
import type { FilesystemChange } from '../../../engine-api/types.ts';
import { defineCommand, exactly } from '../../command.ts';

const letters = ['C', 'A', 'D'];

export const diff = defineCommand({
  usage: 'CONTAINER',
  aliases: ['container diff', 'diff'],
  flags: {},
  count: exactly(1),
  completes: 'container',
  run: async ({ context, args: [name = ''] }) => {
    const changes = await context.engine.get<FilesystemChange[] | null>(
      `/containers/${pathOf(name)}/changes`,
    );
    const lines = (changes ?? []).map(({ Kind, Path }) => `${letters[Kind ?? 0] ?? '?'} ${Path}\n`);
    await context.out.write(lines.join(''));
  },
});
