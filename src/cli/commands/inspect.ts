/** `cais inspect`: whatever has this name: container, image, network or volume, in this order. */
import { pathOf } from '../../engine-api/client.ts';
import { InvalidError, NotFoundError, UnavailableError } from '../../lib/errors.ts';
import { atLeast, defineCommand } from '../command.ts';
import { bool, string } from '../flags.ts';
import type { CliContext } from '../context.ts';
import { printInspected } from '../inspect.ts';
import { formatHelp } from './format-help.ts';
import { inspectImage } from './image/inspect-image.ts';

const paths: Readonly<Record<string, (name: string) => string>> = {
  container: (name) => `/containers/${pathOf(name)}/json`,
  image: (name) => `/images/${pathOf(name)}/json`,
  network: (name) => `/networks/${pathOf(name)}`,
  volume: (name) => `/volumes/${pathOf(name)}`,
  node: (name) => `/nodes/${pathOf(name)}`,
  service: (name) => `/services/${pathOf(name)}`,
  task: (name) => `/tasks/${pathOf(name)}`,
  plugin: (name) => `/plugins/${pathOf(name)}/json`,
  secret: (name) => `/secrets/${pathOf(name)}`,
  config: (name) => `/configs/${pathOf(name)}`,
};
const searched = ['container', 'image', 'network', 'volume'];

export const inspect = defineCommand({
  usage: '[OPTIONS] NAME|ID [NAME|ID...]',
  flags: {
    format: string(formatHelp, 'f'),
    size: bool('Display total file sizes if the type is container', 's'),
    type: string('Only inspect objects of the given type'),
  },
  count: atLeast(1),
  completes: 'container',
  run: async ({ context, flags: { format, size, type }, args }) => {
    const path = type === undefined ? undefined : paths[type];
    if (type !== undefined && (!path || !Object.hasOwn(paths, type))) {
      const known = Object.keys(paths)
        .toSorted()
        .map((name) => JSON.stringify(name));
      throw new InvalidError(`unknown type: ${JSON.stringify(type)}: must be one of ${known.join(', ')}`);
    }
    await printInspected(args, format, context.out, async (name) => {
      if (!path) return await find(context, name, format, size);
      if (type === 'image') return await inspectImage(context, name, format);
      return await context.engine.get(path(name), { size: size && type === 'container' });
    });
  },
});

async function find(
  context: CliContext,
  name: string,
  format: string | undefined,
  size: boolean,
): Promise<unknown> {
  for (const type of searched) {
    try {
      if (type === 'image') return await inspectImage(context, name, format);
      return await context.engine.get(paths[type]?.(name) ?? '', { size: size && type === 'container' });
    } catch (error) {
      if (!(error instanceof NotFoundError) && !(error instanceof UnavailableError && type !== 'container'))
        throw error;
    }
  }
  throw new NotFoundError(`Error: No such object: ${name}`);
}
