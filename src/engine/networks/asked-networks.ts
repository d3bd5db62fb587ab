/** Which networks a container is to be on, and what it asks of each. */
import type { EndpointSettings } from '../../engine-api/types.ts';
import { InvalidError, NotFoundError } from '../../lib/errors.ts';
import type { ConnectRequest } from './attachment.ts';
import { subnet6Of } from './free-address6.ts';
import { parseAddress, sizeOf, type Subnet } from './ipv4.ts';
import { isInside6, parseAddress6 } from './ipv6.ts';
import type { NetworkRecord } from './network-record.ts';
import type { NetworkStore } from './network-store.ts';

/** A network with a bridge that is there. */
export type BridgedRecord = NetworkRecord & { readonly bridge: string; readonly subnet: Subnet };

type Endpoints = ConnectRequest['endpoints'];

/**
 * The network of the mode first: its interface is eth0. Those that create named are all there are, as with docker.
 * @throws NotFoundError
 */
export function askedNetworks(
  store: NetworkStore,
  mode: string,
  { endpoints = {} }: Pick<ConnectRequest, 'endpoints'>,
): [NetworkRecord, ...NetworkRecord[]] {
  const main = store.resolve(mode);
  const named = Object.keys(endpoints).map((name) => store.resolve(name === 'default' ? 'bridge' : name));
  if (named.length === 0 || main.driver !== 'bridge') return [main, ...others(main, named)];
  const [first = main, ...rest] = named.some(({ id }) => id === main.id)
    ? [main, ...others(main, named)]
    : named;
  return [first, ...rest];
}

function others(main: NetworkRecord, named: readonly NetworkRecord[]): NetworkRecord[] {
  const unique = new Map(named.map((network) => [network.id, network]));
  unique.delete(main.id);
  return [...unique.values()];
}

/** By the network's name, its id, or `default`. */
export function askedOf(
  network: NetworkRecord,
  { endpoints = {}, config }: ConnectRequest,
): EndpointSettings {
  const key = Object.keys(endpoints).find(
    (name) =>
      name === network.name || name === network.id || (name === 'default' && network.name === 'bridge'),
  );
  const asked = endpoints[key ?? ''] ?? {};
  return asked.MacAddress || !config.MacAddress ? asked : { ...asked, MacAddress: config.MacAddress };
}

/** @throws NotFoundError when its bridge could not be made. */
export function bridged(network: NetworkRecord): BridgedRecord {
  const { bridge, subnet } = network;
  if (bridge === undefined || subnet === undefined)
    throw new NotFoundError(`network ${network.name} not found`);
  return { ...network, bridge, subnet };
}

/** Who gets the default route and the published ports: the highest priority, then the first name. Undefined: all are internal. */
export function leadingNetwork<Network extends NetworkRecord>(
  networks: readonly Network[],
  endpoints: Endpoints = {},
): Network | undefined {
  const priority = ({ name }: NetworkRecord): number => endpoints[name]?.GwPriority ?? 0;
  return networks
    .filter(({ driver, options }) => driver === 'bridge' && !options.internal)
    .toSorted((a, b) => priority(b) - priority(a) || (a.name < b.name ? -1 : 1))[0];
}

/** The same of IPv6. @throws InvalidError in docker's words. */
export function fixedAddress6(network: BridgedRecord, { IPAMConfig }: EndpointSettings): bigint | undefined {
  const text = IPAMConfig?.IPv6Address;
  if (!text) return undefined;
  const address = parseAddress6(text);
  if (address === undefined) throw new InvalidError(`invalid IPv6 address: ${text}`);
  const subnet = subnet6Of(network);
  if (!subnet || !network.options.ipv6?.isChosen) {
    throw new InvalidError(
      'user specified IP address is supported only when connecting to networks with user configured subnets',
    );
  }
  if (!isInside6(address, subnet)) {
    throw new InvalidError(`invalid endpoint settings: no configured subnet contains IP address ${text}`);
  }
  return address;
}

/** @throws InvalidError in docker's words when the address cannot be one of this network's. */
export function fixedAddress(network: BridgedRecord, { IPAMConfig }: EndpointSettings): number | undefined {
  const text = IPAMConfig?.IPv4Address;
  if (!text) return undefined;
  const address = parseAddress(text);
  if (address === undefined) throw new InvalidError(`invalid IPv4 address: ${text}`);
  if (network.name === 'bridge') {
    throw new InvalidError('user specified IP address is supported on user defined networks only');
  }
  if (!network.options.pool) {
    throw new InvalidError(
      'user specified IP address is supported only when connecting to networks with user configured subnets',
    );
  }
  const { base, prefixLength } = network.subnet;
  if (address < base || address >= base + sizeOf(prefixLength)) {
    throw new InvalidError(`invalid endpoint settings: no configured subnet contains IP address ${text}`);
  }
  return address;
}
