/** `cais create`: a container that doesn't run yet. flags -> create-body -> (pull) -> POST /containers/create. */
import { InvalidError } from '../../../lib/errors.ts';
import { atLeast, defineCommand } from '../../command.ts';
import { stringOr } from '../../flags.ts';
import { createBody, parseRestartPolicy } from './create-body.ts';
import { createFlags } from './create-flags.ts';
import { withHelpHint } from './failure.ts';
import { createContainer } from './pull-missing.ts';

export const create = defineCommand({
  usage: '[OPTIONS] IMAGE [COMMAND] [ARG...]',
  aliases: ['container create', 'create'],
  flags: {
    ...createFlags,
    pull: stringOr('missing', 'Pull image before creating ("always", "|missing", "never")'),
  },
  count: atLeast(1),
  interspersed: false,
  completes: 'image',
  run: async ({ context, flags, args, given, calledAs }) => {
    const body = await withHelpHint(
      calledAs,
      () => 125,
      async () => {
        checkConflicts(flags);
        return createBody(flags, given, args, context.config.variables, true);
      },
    );
    const platform = flags.platform ?? context.config.platform;
    const id = await createContainer(context, body, { ...flags, name: flags.name, platform });
    await context.out.write(`${id}\n`);
  },
});

/** What the engine would refuse too, but after a pull. @throws InvalidError */
export function checkConflicts(flags: { readonly rm: boolean; readonly restart: string }): void {
  const { Name: policy } = parseRestartPolicy(flags.restart);
  if (flags.rm && policy !== 'no' && policy !== '') {
    throw new InvalidError('conflicting options: cannot specify both --restart and --rm');
  }
}
