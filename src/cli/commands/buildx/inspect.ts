/** `cais buildx inspect`: the builder at length. */
import { NotFoundError } from '../../../lib/errors.ts';
import { between, defineCommand } from '../../command.ts';
import { bool } from '../../flags.ts';
import { alignTabs } from '../../table.ts';
import { describeBuilder } from './builder.ts';

export const inspect = defineCommand({
  usage: '[NAME]',
  flags: { bootstrap: bool('Ensure builder has booted before inspecting') },
  count: between(0, 1),
  completes: 'none',
  run: async ({ context, args: [wanted] }) => {
    const { name, driver, platforms, error } = await describeBuilder(context);
    if (wanted !== undefined && wanted !== name)
      throw new NotFoundError(`no builder ${JSON.stringify(wanted)} found`);
    const head = [`Name:\t${name}`, `Driver:\t${driver}`, '', 'Nodes:', `Name:\t${name}`];
    const state =
      error === undefined
        ? ['Status:\trunning', `Platforms:\t${platforms.join(', ')}`]
        : [`Error:\t${error}`];
    const lines = [...head, `Endpoint:\t${name}`, ...state, ''];
    await context.out.write(alignTabs(lines.join('\n'), 0, 1));
  },
});
