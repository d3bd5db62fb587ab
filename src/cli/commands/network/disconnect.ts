/** `cais network disconnect`. */
import { pathOf } from '../../../engine-api/client.ts';
import { defineCommand, exactly } from '../../command.ts';
import { bool } from '../../flags.ts';

export const disconnect = defineCommand({
  usage: '[OPTIONS] NETWORK CONTAINER',
  flags: { force: bool('Force the container to disconnect from a network', 'f') },
  count: exactly(2),
  run: async ({ context, flags, args: [network = '', container = ''] }) => {
    const json = { Container: container, Force: flags.force };
    await context.engine.post(`/networks/${pathOf(network)}/disconnect`, { json });
  },
});
