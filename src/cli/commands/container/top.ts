/** `cais top`: the processes of a container, as the host's ps sees them. */
import { pathOf } from '../../../engine-api/client.ts';
import type { ContainerTopResponse } from '../../../engine-api/types.ts';
import { atLeast, defineCommand } from '../../command.ts';
import { alignTabs } from '../../table.ts';

export const top = defineCommand({
  usage: 'CONTAINER [ps OPTIONS]',
  aliases: ['container top', 'top'],
  flags: {},
  count: atLeast(1),
  interspersed: false,
  completes: 'running',
  run: async ({ context, args: [name = '', ...options] }) => {
    const query = { ps_args: options.length > 0 ? options.join(' ') : undefined };
    const path = `/containers/${pathOf(name)}/top`;
    const { Titles: titles, Processes: processes } = await context.engine.get<ContainerTopResponse>(
      path,
      query,
    );
    const rows = [titles ?? [], ...(processes ?? [])].map((cells) => `${cells.join('\t')}\n`);
    await context.out.write(alignTabs(rows.join(''), 20, 3));
  },
});
