/** The body of `POST /networks/create` made into a network, or refused. Nothing is made yet. */
import { existsSync } from 'node:fs';
import { z } from 'zod';
import {
  ConflictError,
  DeniedError,
  InvalidError,
  NotFoundError,
  UnsupportedError,
} from '../../lib/errors.ts';
import { driverOption } from './driver-options.ts';
import { freeSubnets, type Route } from './free-subnet.ts';
import type { AddressPool } from './address-pool.ts';
import { planIpv6 } from './plan-ipv6.ts';
import { overlaps, parseAddress, parseSubnet, sizeOf, type Subnet } from './ipv4.ts';
import type { NetworkOptions, NetworkRecord } from './network-record.ts';

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);
const strings = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {});

const requestSchema = z.looseObject({
  Name: text,
  Driver: text,
  Scope: text,
  Internal: flag,
  Attachable: flag,
  Ingress: flag,
  ConfigOnly: flag,
  EnableIPv4: z.boolean().nullish(),
  EnableIPv6: flag,
  IPAM: z
    .looseObject({
      Driver: text,
      Config: z
        .array(z.looseObject({ Subnet: text, IPRange: text, Gateway: text, AuxiliaryAddresses: strings }))
        .nullish(),
    })
    .nullish(),
  Options: strings,
  Labels: strings,
});

export type NetworkRequest = z.infer<typeof requestSchema>;

/** @throws InvalidError naming the field that is wrong. */
export function parseNetworkRequest(body: unknown): NetworkRequest {
  const parsed = requestSchema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new InvalidError(
    `invalid JSON: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not as expected'}`,
  );
}

/** The three that every engine has. */
export function isPredefined({ name }: Pick<NetworkRecord, 'name'>): boolean {
  return name === 'bridge' || name === 'host' || name === 'none';
}

/** @throws ConflictError, DeniedError, InvalidError, NotFoundError, UnsupportedError in docker's words where it has some. */
export function planNetwork(
  request: NetworkRequest,
  others: readonly NetworkRecord[],
  routes: readonly Route[],
): NetworkRecord {
  const name = request.Name.trim();
  refuse(request, name);
  const id = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex');
  const [pool, pool6] = [poolsOf(request, false)[0], poolsOf(request, true)[0]];
  const taken = others.flatMap(({ subnet }) => (subnet ? [subnet] : []));
  const subnet = pool?.Subnet ? chosenSubnet(pool.Subnet, taken) : freeSubnets(routes, taken)[0];
  const bridge = request.Options[driverOption.name] || `br-${id.slice(0, 12)}`;
  if (others.some((other) => other.bridge === bridge)) {
    throw new ConflictError(`bridge ${bridge} belongs to another network`);
  }
  if (!/^[\w.-]{1,15}$/.test(bridge)) throw new InvalidError(`invalid bridge name: ${bridge}`);
  const options: NetworkOptions = {
    internal: request.Internal,
    attachable: request.Attachable,
    labels: request.Labels,
    driver: request.Options,
    ...(pool?.Subnet && { pool: checkedPool(pool, subnet) }),
    ...(request.EnableIPv6 && { ipv6: planIpv6(pool6, others) }),
  };
  return { id, name, driver: 'bridge', created: new Date().toISOString(), bridge, subnet, options };
}

/** Those of one family; what names no subnet is IPv4, as with docker. */
function poolsOf(request: NetworkRequest, isIpv6: boolean): AddressPool[] {
  return (request.IPAM?.Config ?? []).filter(({ Subnet }) => Subnet.includes(':') === isIpv6);
}

function refuse(request: NetworkRequest, name: string): void {
  // Whatever else: no part of it becomes a path or an interface.
  if (name.trim() === '') throw new InvalidError('invalid network name: name is empty');
  if (/\p{Cc}/u.test(name)) throw new InvalidError('invalid network name: it has control characters');
  if (isPredefined({ name })) {
    throw new DeniedError(`operation is not permitted on predefined ${name} network`);
  }
  const driver = request.Driver || 'bridge';
  if (driver === 'host' || driver === 'null') {
    throw new DeniedError(`only one instance of "${driver}" network is allowed`);
  }
  if (driver === 'overlay') {
    throw new DeniedError(
      'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
    );
  }
  if (driver === 'macvlan' || driver === 'ipvlan') {
    throw new UnsupportedError(`cais has no ${driver} networks: its networks are bridges of this host`);
  }
  if (driver !== 'bridge') {
    throw new NotFoundError(`could not find plugin ${driver} in v1 plugin registry: plugin not found`);
  }
  if (request.EnableIPv4 === false) {
    if (!request.EnableIPv6) throw new InvalidError('IPv4 or IPv6 must be enabled');
    throw new UnsupportedError('cais has no networks without IPv4');
  }
  if (request.EnableIPv6 && !existsSync('/proc/net/if_inet6')) {
    throw new UnsupportedError('the kernel of this host has no IPv6');
  }
  if (request.ConfigOnly) throw new UnsupportedError('cais has no configuration-only networks');
  if (request.Ingress) throw new UnsupportedError('cais has no swarm, so no ingress network');
  if (request.Scope !== '' && request.Scope !== 'local') {
    throw new InvalidError(`cais has networks of scope local only, not ${request.Scope}`);
  }
  const ipam = request.IPAM?.Driver;
  if (ipam && ipam !== 'default') throw new NotFoundError(`failed to find IPAM driver: ${ipam}`);
  if (poolsOf(request, false).length > 1 || poolsOf(request, true).length > 1) {
    throw new UnsupportedError('cais gives a network one subnet of IPv4 and one of IPv6');
  }
  refuseOptions(request.Options);
}

function refuseOptions(options: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(options)) {
    const isBoolean = name === driverOption.icc || name === driverOption.masquerade;
    if (isBoolean && value !== 'true' && value !== 'false') {
      throw new InvalidError(`invalid value for ${name}: "${value}"`);
    }
    if (name === driverOption.mtu && !(/^\d{2,5}$/.test(value) && Number(value) >= 68)) {
      throw new InvalidError(`invalid value for ${name}: "${value}"`);
    }
    if (name === driverOption.binding && parseAddress(value) === undefined) {
      throw new InvalidError(`invalid value for ${name}: "${value}"`);
    }
  }
}

function chosenSubnet(text: string, taken: readonly Subnet[]): Subnet {
  const subnet = parseSubnet(text);
  if (subnet.prefixLength > 30)
    throw new InvalidError(`invalid subnet ${text}: no address is left for a container`);
  if (taken.some((other) => overlaps(other, subnet))) {
    throw new DeniedError('Pool overlaps with other one on this address space');
  }
  return subnet;
}

function checkedPool(pool: AddressPool, subnet: Subnet): NonNullable<NetworkOptions['pool']> {
  const inside = (what: string, value: string): void => {
    const address = parseAddress(value);
    if (address === undefined) throw new InvalidError(`invalid ${what}: ${value}`);
    if (address < subnet.base || address >= subnet.base + sizeOf(subnet.prefixLength)) {
      throw new InvalidError(`invalid network config: ${what} ${value} is not in the subnet ${pool.Subnet}`);
    }
  };
  if (pool.Gateway) inside('gateway', pool.Gateway);
  for (const value of Object.values(pool.AuxiliaryAddresses)) inside('auxiliary address', value);
  if (pool.IPRange) {
    const range = parseSubnet(pool.IPRange);
    if (range.prefixLength < subnet.prefixLength || !overlaps(range, subnet)) {
      throw new InvalidError(
        `invalid network config: IP range ${pool.IPRange} is not in the subnet ${pool.Subnet}`,
      );
    }
  }
  return {
    ...(pool.Gateway && { gateway: pool.Gateway }),
    ...(pool.IPRange && { range: pool.IPRange }),
    ...(Object.keys(pool.AuxiliaryAddresses).length > 0 && { auxiliary: pool.AuxiliaryAddresses }),
  };
}
