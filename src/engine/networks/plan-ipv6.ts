/** The IPv6 side of a network to be: the subnet that was asked for, or one of chance. */
import { DeniedError, InvalidError } from '../../lib/errors.ts';
import { subnet6Of } from './free-address6.ts';
import {
  formatSubnet6,
  isInside6,
  overlaps6,
  parseAddress6,
  parseSubnet6,
  type Subnet6,
  uniqueLocalSubnet,
} from './ipv6.ts';
import type { NetworkOptions, NetworkRecord } from './network-record.ts';
import type { AddressPool } from './address-pool.ts';

/** @throws InvalidError, DeniedError in docker's words. */
export function planIpv6(
  pool: AddressPool | undefined,
  others: readonly NetworkRecord[],
): NonNullable<NetworkOptions['ipv6']> {
  if (!pool) return { subnet: formatSubnet6(uniqueLocalSubnet()) };
  const subnet = parseSubnet6(pool.Subnet);
  if (subnet.prefixLength > 126) {
    throw new InvalidError(`invalid subnet ${pool.Subnet}: no address is left for a container`);
  }
  if (others.some((other) => isOverlapped(subnet6Of(other), subnet))) {
    throw new DeniedError('Pool overlaps with other one on this address space');
  }
  const { Gateway: gateway, IPRange: range, AuxiliaryAddresses: auxiliary } = pool;
  if (gateway) requireInside('gateway', gateway, pool, subnet);
  for (const value of Object.values(auxiliary)) requireInside('auxiliary address', value, pool, subnet);
  if (range) requireRange(range, pool, subnet);
  return {
    subnet: formatSubnet6(subnet),
    isChosen: true,
    ...(gateway && { gateway }),
    ...(range && { range }),
    ...(Object.keys(auxiliary).length > 0 && { auxiliary }),
  };
}

function isOverlapped(other: Subnet6 | undefined, subnet: Subnet6): boolean {
  return other !== undefined && overlaps6(other, subnet);
}

function requireInside(what: string, value: string, { Subnet: text }: AddressPool, subnet: Subnet6): void {
  const address = parseAddress6(value);
  if (address === undefined) throw new InvalidError(`invalid ${what}: ${value}`);
  if (isInside6(address, subnet)) return;
  throw new InvalidError(`invalid network config: ${what} ${value} is not in the subnet ${text}`);
}

function requireRange(text: string, { Subnet: whole }: AddressPool, subnet: Subnet6): void {
  const range = parseSubnet6(text);
  if (range.prefixLength >= subnet.prefixLength && isInside6(range.base, subnet)) return;
  throw new InvalidError(`invalid network config: IP range ${text} is not in the subnet ${whole}`);
}
