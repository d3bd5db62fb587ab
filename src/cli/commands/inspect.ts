/** `cais inspect`: whatever has this name: container, image, network or volume, in this order. */
import type { EngineClient } from '../../engine-api/client.ts';
import { pathOf } from '../../engine-api/client.ts';
import { InvalidError, NotFoundError, UnavailableError } from '../../lib/errors.ts';
import { atLeast, defineCommand } from '../command.ts';
import { bool, string } from '../flags.ts';
import { printInspected } from '../inspect.ts';
import { formatHelp } from './format-help.ts';

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
    await printInspected(args, format, context.out, (name) =>
      path
        ? context.engine.get(path(name), { size: size && type === 'container' })
        : find(context.engine, name, size),
    );
  },
});

async function find(engine: EngineClient, name: string, size: boolean): Promise<unknown> {
  for (const type of searched) {
    try {
      return await engine.get(paths[type]?.(name) ?? '', { size: size && type === 'container' });
    } catch (error) {
      if (!(error instanceof NotFoundError) && !(error instanceof UnavailableError && type !== 'container'))
        throw error;
    }
  }
  throw new NotFoundError(`Error: No such object: ${name}`);
}
