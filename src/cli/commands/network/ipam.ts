/** `--subnet`, `--gateway`, `--ip-range` and `--aux-address` of `network create`: each address goes to the subnet it is of. */
import ipaddr from 'ipaddr.js';
import type { IPAMConfig } from '../../../engine-api/types.ts';
import { InvalidError } from '../../../lib/errors.ts';
import { splitOnce } from '../container/create-values.ts';

export interface AddressFlags {
  readonly subnet: readonly string[];
  readonly gateway: readonly string[];
  readonly 'ip-range': readonly string[];
  readonly 'aux-address': readonly string[];
}

/** One for each subnet. @throws InvalidError in docker's words; what is no subnet at all is the engine's to refuse. */
export function ipamConfigs(flags: AddressFlags): IPAMConfig[] {
  const { subnet: subnets, gateway: gateways, 'ip-range': ranges, 'aux-address': others } = flags;
  if (subnets.length < Math.max(ranges.length, gateways.length))
    throw new InvalidError('every ip-range or gateway must have a corresponding subnet');
  const configs = new Map<string, IPAMConfig>(subnets.map((subnet) => [subnet, { Subnet: subnet }]));
  if (configs.size < subnets.length)
    throw new InvalidError('multiple overlapping subnet configuration is not supported');
  const configOf = (address: string, what: string): IPAMConfig => {
    const found = [...configs].find(([subnet]) => contains(subnet, address));
    if (!found) throw new InvalidError(`no matching subnet for ${what} ${address}`);
    return found[1];
  };
  for (const range of ranges) {
    const config = configOf(range, 'range');
    requireOne(config.IPRange, 'ranges', range, `on the same subnet (${config.Subnet})`);
    config.IPRange = range;
  }
  for (const gateway of gateways) {
    const config = configOf(gateway, 'gateway');
    requireOne(config.Gateway, 'gateways', gateway, `for the same subnet (${config.Subnet})`);
    config.Gateway = gateway;
  }
  for (const other of others) {
    const [name, address = ''] = splitOnce(other, '=');
    const config = configOf(address, 'aux-address');
    config.AuxiliaryAddresses = { ...config.AuxiliaryAddresses, [name]: address };
  }
  return [...configs.values()];
}

function requireOne(known: string | undefined, what: string, next: string, where: string): void {
  if (known !== undefined)
    throw new InvalidError(`cannot configure multiple ${what} (${next}, ${known}) ${where}`);
}

/** @param address may have a prefix length. */
function contains(subnet: string, address: string): boolean {
  const [text] = splitOnce(address, '/');
  if (!ipaddr.isValidCIDR(subnet) || !ipaddr.isValid(text)) return false;
  const [network, prefix] = ipaddr.parseCIDR(subnet);
  const parsed = ipaddr.parse(text);
  return network.kind() === parsed.kind() && parsed.match(network, prefix);
}
