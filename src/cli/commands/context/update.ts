/** `cais context update`. */
import { defineCommand, exactly } from '../../command.ts';
import { fields, string } from '../../flags.ts';
import { checkContextName, ContextStore } from '../../context-store.ts';
import { contextLookup, endpointHelp, readDockerEndpoint } from './docker-endpoint.ts';

export const update = defineCommand({
  usage: '[OPTIONS] CONTEXT',
  long: `Update a context${endpointHelp}$ cais context update my-context --description "some description" --docker "host=tcp://myserver:2376,ca=~/ca-file,cert=~/cert-file,key=~/key-file"`,
  flags: {
    description: string('Description of the context'),
    docker: fields('set the docker endpoint'),
  },
  count: exactly(1),
  completes: 'none',
  run: async ({ context, flags, args: [name = ''] }) => {
    const { config, out, err } = context;
    checkContextName(name);
    const store = new ContextStore(config.directory);
    const old = store.get(name);
    const find = contextLookup(config);
    await store.put({
      ...old,
      ...(flags.description !== undefined && { description: flags.description }),
      ...(flags.docker.length > 0 && readDockerEndpoint(flags.docker, find)),
    });
    await out.write(`${name}\n`);
    await err.write(`Successfully updated context ${JSON.stringify(name)}\n`);
  },
});
