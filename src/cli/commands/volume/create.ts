/** `cais volume create`. */
import type { Volume } from '../../../engine-api/types.ts';
import { between, defineCommand } from '../../command.ts';
import { list, map, stringOr } from '../../flags.ts';
import { toMap } from '../container/env.ts';

export const create = defineCommand({
  usage: '[OPTIONS] [VOLUME]',
  flags: {
    driver: stringOr('local', 'Specify volume driver name', 'd'),
    label: list('Set metadata for a volume'),
    opt: map('Set driver specific options', 'o'),
  },
  count: between(0, 1),
  run: async ({ context, flags, args: [name = ''] }) => {
    const json = {
      Name: name,
      Driver: flags.driver,
      // An empty map is not the same as none: the engine keeps what it is given.
      ...(flags.opt.length > 0 && { DriverOpts: toMap(flags.opt) }),
      ...(flags.label.length > 0 && { Labels: toMap(flags.label) }),
    };
    const volume = await context.engine.post<Volume>('/volumes/create', { json });
    await context.out.write(`${volume.Name}\n`);
  },
});
