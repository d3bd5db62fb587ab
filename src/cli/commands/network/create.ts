/** `cais network create`. */
import type { NetworkCreateResponse } from '../../../engine-api/types.ts';
import { defineCommand, exactly } from '../../command.ts';
import { bool, list, map, optionalBool, string, stringOr, strings } from '../../flags.ts';
import { toMap } from '../container/env.ts';
import { ipamConfigs } from './ipam.ts';

export const create = defineCommand({
  usage: '[OPTIONS] NETWORK',
  flags: {
    attachable: bool('Enable manual container attachment'),
    'aux-address': map('Auxiliary IPv4 or IPv6 addresses used by Network driver'),
    'config-from': string('The network from which to copy the configuration'),
    'config-only': bool('Create a configuration only network'),
    driver: stringOr('bridge', 'Driver to manage the Network', 'd'),
    gateway: strings('IPv4 or IPv6 Gateway for the master subnet'),
    ingress: bool('Create swarm routing-mesh network'),
    internal: bool('Restrict external access to the network'),
    'ip-range': strings('Allocate container ip from a sub-range'),
    'ipam-driver': stringOr('default', 'IP Address Management Driver'),
    'ipam-opt': map('Set IPAM driver specific options'),
    ipv4: bool('Enable or disable IPv4 address assignment', undefined, true),
    ipv6: optionalBool('Enable or disable IPv6 address assignment'),
    label: list('Set metadata on a network'),
    opt: map('Set driver specific options', 'o'),
    scope: string("Control the network's scope"),
    subnet: strings('Subnet in CIDR format that represents a network segment'),
  },
  count: exactly(1),
  run: async ({ context, flags, given, args: [name = ''] }) => {
    const body = {
      Name: name,
      Driver: flags.driver,
      Scope: flags.scope,
      Internal: flags.internal,
      Attachable: flags.attachable,
      Ingress: flags.ingress,
      ConfigOnly: flags['config-only'],
      ConfigFrom: flags['config-from'] && { Network: flags['config-from'] },
      EnableIPv4: given.has('ipv4') ? flags.ipv4 : undefined,
      EnableIPv6: flags.ipv6,
      IPAM: { Driver: flags['ipam-driver'], Options: toMap(flags['ipam-opt']), Config: ipamConfigs(flags) },
      Options: toMap(flags.opt),
      Labels: toMap(flags.label),
    };
    const answer = await context.engine.post<NetworkCreateResponse>('/networks/create', { json: body });
    if (answer.Warning) await context.err.write(`WARNING: ${answer.Warning}\n`);
    await context.out.write(`${answer.Id}\n`);
  },
});
