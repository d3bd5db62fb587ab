/** A network's bridge on the host, and the cable from it into a container: a new namespace with lo and eth0, ready to use. */
import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs';
import { errnoOf, UnavailableError } from '../../lib/errors.ts';
import { createNetns, inNetns } from '../linux/netns.ts';
import { RouteSocket } from '../linux/route-socket.ts';
import { freeSubnets, readRoutes, type Route } from './free-subnet.ts';
import { addressBytes6 } from './ipv6.ts';
import { addressBytes, macFor, overlaps, type Subnet } from './ipv4.ts';

/** lo is the first interface of every namespace. */
const loopbackIndex = 1;

export interface Cable {
  readonly netnsPath: string;
  readonly bridge: string;
  /** The interface in the container. */
  readonly device: string;
  readonly subnet: Subnet;
  readonly address: number;
  readonly mac: Uint8Array;
  /** Where everything else is to be sent; undefined: another cable leads there, or nothing does. */
  readonly gateway: number | undefined;
  /** Containers on this bridge cannot reach each other. */
  readonly isolated: boolean;
  readonly mtu: number | undefined;
  /** The same of IPv6, where the network has it. */
  readonly ipv6?: {
    readonly address: bigint;
    readonly prefixLength: number;
    readonly gateway: bigint | undefined;
  };
}

/** What of a network makes its bridge. */
export interface BridgeWish {
  readonly name: string;
  readonly remembered: Subnet | undefined;
  /** Undefined: the first address of the subnet. */
  readonly gateway: number | undefined;
  /** Somebody chose the subnet: it is not exchanged for a free one. */
  readonly isFixed: boolean;
  /** Subnets of other networks, whose bridges may not be there at the moment. */
  readonly taken: readonly Subnet[];
  readonly mtu: number | undefined;
  readonly ipv6?: { readonly gateway: bigint; readonly prefixLength: number };
}

/**
 * Makes the bridge unless it is there, with the remembered subnet if that is still free. Idempotent.
 * @returns the subnet that it has.
 */
export async function ensureBridge(socket: RouteSocket, wish: BridgeWish): Promise<Subnet> {
  const routes = await readRoutes();
  const existing = routes.find((route) => route.interfaceName === wish.name)?.destination;
  const chosen = wish.isFixed ? wish.remembered : undefined;
  const subnet = existing ?? (await createBridge(socket, wish, chosen ?? choose(routes, wish)));
  allowRouting(wish.name);
  if (wish.ipv6) addIpv6(socket, wish.name, wish.ipv6);
  return subnet;
}

/** Two engines that start at once may choose the same subnet: whoever sees the other one's route tries elsewhere. */
async function createBridge(socket: RouteSocket, wish: BridgeWish, subnet: Subnet): Promise<Subnet> {
  const { name } = wish;
  const gateway = wish.gateway ?? subnet.base + 1;
  socket.deleteLink(name);
  const index = socket.createBridge(name, macFor(gateway), wish.mtu);
  socket.addAddress(index, addressBytes(gateway), subnet.prefixLength);
  if (wish.isFixed) return subnet;
  const others = (await readRoutes()).filter((route) => route.interfaceName !== name);
  if (!others.some((route) => overlaps(route.destination, subnet))) return subnet;
  const free = freeSubnets(others, [subnet, ...wish.taken]);
  const next = free[Math.floor(Math.random() * free.length)] ?? free[0];
  return createBridge(socket, wish, next);
}

function choose(routes: readonly Route[], { remembered, taken }: BridgeWish): Subnet {
  const isFree = remembered && !routes.some((route) => overlaps(route.destination, remembered));
  return isFree ? remembered : freeSubnets(routes, taken)[0];
}

/** Packets of containers pass through the host; the host's 127.0.0.1 may be answered by a container (published ports). */
function allowRouting(bridge: string): void {
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
  writeFileSync(`/proc/sys/net/ipv4/conf/${bridge}/route_localnet`, '1');
}

/** Idempotent. The host passes IPv6 packets on from then on, as with docker. */
function addIpv6(
  socket: RouteSocket,
  bridge: string,
  { gateway, prefixLength }: NonNullable<BridgeWish['ipv6']>,
): void {
  writeFileSync('/proc/sys/net/ipv6/conf/all/forwarding', '1');
  writeFileSync(`/proc/sys/net/ipv6/conf/${bridge}/disable_ipv6`, '0');
  try {
    socket.addAddress(indexOf(socket, bridge), addressBytes6(gateway), prefixLength);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
}

/**
 * A cable from the bridge into a namespace that is there, its end in it ready to use. Takes about 2 ms and waits for nothing; what
 * is left when it throws goes with the namespace.
 * @param inside a socket in the namespace.
 */
export function plug(host: RouteSocket, inside: RouteSocket, cable: Cable): void {
  const netns = openSync(cable.netnsPath, 'r');
  const hostName = vethName();
  try {
    host.createVeth({
      hostName,
      bridgeIndex: indexOf(host, cable.bridge),
      peerName: cable.device,
      peerMac: cable.mac,
      netns,
      mtu: cable.mtu,
    });
    reflect(hostName);
    if (cable.isolated) isolate(hostName);
    const device = indexOf(inside, cable.device);
    inside.addAddress(device, addressBytes(cable.address), cable.subnet.prefixLength);
    inside.setUp(device);
    if (cable.gateway !== undefined) inside.addDefaultRoute(addressBytes(cable.gateway));
    if (cable.ipv6) plugIpv6(inside, device, cable, cable.ipv6);
  } finally {
    closeSync(netns);
  }
}

function plugIpv6(
  inside: RouteSocket,
  index: number,
  { netnsPath, device }: Cable,
  { address, prefixLength, gateway }: NonNullable<Cable['ipv6']>,
): void {
  inNetns(netnsPath, () => writeFileSync(`/proc/sys/net/ipv6/conf/${device}/disable_ipv6`, '0'));
  inside.addAddress(index, addressBytes6(address), prefixLength);
  if (gateway !== undefined) inside.replaceDefaultRoute(addressBytes6(gateway));
}

/** Takes the cable out of a container: both of its ends go. Idempotent. */
export function unplug(netnsPath: string, device: string): void {
  using inside = socketInside(netnsPath);
  inside.deleteLink(device);
}

/** A socket in a namespace that is there. */
export function socketInside(netnsPath: string): RouteSocket {
  return inNetns(netnsPath, () => RouteSocket.open());
}

/**
 * Lets a container reach itself by its published port: where br_netfilter is on, the bridge redirects the packet by itself
 * and has to send it back through the port that it came from.
 */
function reflect(veth: string): void {
  writeFileSync(`/sys/class/net/${veth}/brport/hairpin_mode`, '1');
}

/** Ports of a bridge that are isolated reach the bridge, and no other isolated port. */
function isolate(veth: string): void {
  writeFileSync(`/sys/class/net/${veth}/brport/isolated`, '1');
}

/** A namespace with nothing but lo. @returns a socket inside, to configure it further. */
export function createLoopbackNetns(path: string): RouteSocket {
  const inside = createNetns(path, () => {
    disableIpv6();
    return RouteSocket.open();
  });
  inside.setUp(loopbackIndex);
  return inside;
}

/** Interfaces yet to come get no link-local addresses unless their network has IPv6; lo keeps ::1. */
function disableIpv6(): void {
  const path = '/proc/sys/net/ipv6/conf/default/disable_ipv6';
  if (existsSync(path)) writeFileSync(path, '1');
}

function indexOf(socket: RouteSocket, name: string): number {
  const index = socket.linkIndex(name);
  if (index === undefined)
    throw new UnavailableError(`cannot connect the container: interface ${name} is gone`);
  return index;
}

function vethName(): string {
  return `veth${crypto.randomUUID().slice(0, 7)}`;
}
