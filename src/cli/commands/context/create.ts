/** `cais context create`: a name for an engine, or for a copy of another name's. */
import { InvalidError } from '../../../lib/errors.ts';
import { defineCommand, exactly } from '../../command.ts';
import { fields, string } from '../../flags.ts';
import { checkContextName, ContextStore } from '../../context-store.ts';
import { contextNameOf } from '../../endpoint.ts';
import { contextLookup, endpointHelp, readDockerEndpoint } from './docker-endpoint.ts';

export const create = defineCommand({
  usage: '[OPTIONS] CONTEXT',
  long: `Create a context${endpointHelp}$ cais context create my-context --description "some description" --docker "host=tcp://myserver:2376,ca=~/ca-file,cert=~/cert-file,key=~/key-file"`,
  flags: {
    description: string('Description of the context'),
    docker: fields('set the docker endpoint'),
    from: string('create context from a named context'),
  },
  count: exactly(1),
  completes: 'none',
  run: async ({ context, flags, args: [name = ''] }) => {
    const { config, out, err } = context;
    checkContextName(name);
    const store = new ContextStore(config.directory);
    if (store.has(name)) throw new InvalidError(`context ${JSON.stringify(name)} already exists`);
    const file = await context.configFile();
    const find = contextLookup(config);
    if (flags.docker.length > 0) {
      if (flags.from !== undefined) {
        throw new InvalidError('cannot use --docker flag when --from is set');
      }
      await store.put({ name, description: flags.description, ...readDockerEndpoint(flags.docker, find) });
    } else {
      const original = find(flags.from ?? contextNameOf(config, file));
      await store.put({ ...original, name, description: flags.description ?? original.description });
    }
    await out.write(`${name}\n`);
    await err.write(`Successfully created context ${JSON.stringify(name)}\n`);
  },
});
