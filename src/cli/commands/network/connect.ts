/** `cais network connect`. */
import { pathOf } from '../../../engine-api/client.ts';
import { defineCommand, exactly } from '../../command.ts';
import { int, list, string, strings } from '../../flags.ts';
import { toMap } from '../container/env.ts';

export const connect = defineCommand({
  usage: '[OPTIONS] NETWORK CONTAINER',
  flags: {
    alias: strings('Add network-scoped alias for the container'),
    'driver-opt': strings('driver options for the network'),
    'gw-priority': int(
      'Highest gw-priority provides the default gateway. Accepts positive and negative values.',
    ),
    ip: string('IPv4 address (e.g., "172.30.100.104")'),
    ip6: string('IPv6 address (e.g., "2001:db8::33")'),
    link: list('Add link to another container'),
    'link-local-ip': strings('Add a link-local address for the container'),
  },
  count: exactly(2),
  run: async ({ context, flags, args: [network = '', container = ''] }) => {
    const json = {
      Container: container,
      EndpointConfig: {
        IPAMConfig: { IPv4Address: flags.ip, IPv6Address: flags.ip6, LinkLocalIPs: flags['link-local-ip'] },
        Links: flags.link,
        Aliases: flags.alias,
        DriverOpts: toMap(flags['driver-opt']),
        GwPriority: flags['gw-priority'],
      },
    };
    await context.engine.post(`/networks/${pathOf(network)}/connect`, { json });
  },
});
