/** The IPv6 side of a network: its gateway, and addresses to give out. */
import { ConflictError } from '../../lib/errors.ts';
import { formatAddress6, isInside6, parseAddress6, parseSubnet6, type Subnet6 } from './ipv6.ts';
import type { Endpoint, NetworkRecord } from './network-record.ts';

/** Undefined on a network without IPv6. */
export function subnet6Of({ options }: Pick<NetworkRecord, 'options'>): Subnet6 | undefined {
  return options.ipv6 && parseSubnet6(options.ipv6.subnet);
}

/** The bridge's own address; undefined on a network without IPv6. */
export function gateway6Of(network: Pick<NetworkRecord, 'options'>): bigint | undefined {
  const subnet = subnet6Of(network);
  return parseAddress6(network.options.ipv6?.gateway ?? '') ?? (subnet && subnet.base + 1n);
}

/**
 * The lowest free address, or the wanted one; undefined on a network without IPv6. To be called in the transaction that records it.
 * @throws ConflictError when it is taken, or all are.
 */
export function freeAddress6(
  network: NetworkRecord,
  connected: readonly Endpoint[],
  wanted: bigint | undefined,
): string | undefined {
  const subnet = subnet6Of(network);
  if (!subnet) return undefined;
  const { range, auxiliary = {} } = network.options.ipv6 ?? {};
  const taken = new Set<bigint | undefined>([
    // The first is everybody's who routes there (RFC 4291, 2.6.1).
    subnet.base,
    gateway6Of(network),
    ...Object.values(auxiliary).map(parseAddress6),
    ...connected.map(({ address6 = '' }) => parseAddress6(address6)),
  ]);
  if (wanted !== undefined) {
    if (taken.has(wanted)) throw new ConflictError('Address already in use');
    return formatAddress6(wanted);
  }
  const from = range === undefined ? subnet : parseSubnet6(range);
  for (let address = from.base; isInside6(address, from); address++) {
    if (!taken.has(address)) return formatAddress6(address);
  }
  throw new ConflictError("no available IPv6 addresses on this network's address pools");
}
