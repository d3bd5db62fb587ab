/** A network's bridge on the host, and the cable from it into a container: a new namespace with lo and eth0, ready to use. */
import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs';
import { UnavailableError } from '../../lib/errors.ts';
import { createNetns, removeNetns } from '../linux/netns.ts';
import { RouteSocket } from '../linux/route-socket.ts';
import { freeSubnets, readRoutes, type Route } from './free-subnet.ts';
import { addressBytes, macFor, overlaps, type Subnet } from './ipv4.ts';
import { gatewayOf } from './network-store.ts';

/** lo is the first interface of every namespace. */
const loopbackIndex = 1;

export interface Cable {
  readonly netnsPath: string;
  readonly bridge: string;
  readonly subnet: Subnet;
  readonly address: number;
  readonly mac: Uint8Array;
}

/**
 * Makes the bridge unless it is there, with the remembered subnet if that is still free. Idempotent.
 * @returns the subnet that it has.
 */
export async function ensureBridge(
  socket: RouteSocket,
  name: string,
  remembered: Subnet | undefined,
): Promise<Subnet> {
  const routes = await readRoutes();
  const existing = routes.find((route) => route.interfaceName === name)?.destination;
  const subnet = existing ?? (await createBridge(socket, name, choose(routes, remembered)));
  allowRouting(name);
  return subnet;
}

/** Two engines that start at once may choose the same subnet: whoever sees the other one's route tries elsewhere. */
async function createBridge(socket: RouteSocket, name: string, subnet: Subnet): Promise<Subnet> {
  const gateway = gatewayOf(subnet);
  socket.deleteLink(name);
  const index = socket.createBridge(name, macFor(gateway));
  socket.addAddress(index, addressBytes(gateway), subnet.prefixLength);
  const others = (await readRoutes()).filter((route) => route.interfaceName !== name);
  if (!others.some((route) => overlaps(route.destination, subnet))) return subnet;
  const free = freeSubnets(others, [subnet]);
  const next = free[Math.floor(Math.random() * free.length)] ?? free[0];
  return createBridge(socket, name, next);
}

function choose(routes: readonly Route[], remembered: Subnet | undefined): Subnet {
  const isFree = remembered && !routes.some((route) => overlaps(route.destination, remembered));
  return isFree ? remembered : freeSubnets(routes)[0];
}

/** Packets of containers pass through the host; the host's 127.0.0.1 may be answered by a container (published ports). */
function allowRouting(bridge: string): void {
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
  writeFileSync(`/proc/sys/net/ipv4/conf/${bridge}/route_localnet`, '1');
}

/** Makes the container's namespace and connects it. Takes about 2 ms and waits for nothing; leaves nothing when it throws. */
export function plug(host: RouteSocket, cable: Cable): void {
  using inside = createLoopbackNetns(cable.netnsPath);
  const netns = openSync(cable.netnsPath, 'r');
  const hostName = vethName();
  try {
    host.createVeth({
      hostName,
      bridgeIndex: indexOf(host, cable.bridge),
      peerName: 'eth0',
      peerMac: cable.mac,
      netns,
    });
    reflect(hostName);
    const eth0 = indexOf(inside, 'eth0');
    inside.addAddress(eth0, addressBytes(cable.address), cable.subnet.prefixLength);
    inside.setUp(eth0);
    inside.addDefaultRoute(addressBytes(gatewayOf(cable.subnet)));
  } catch (error) {
    removeNetns(cable.netnsPath);
    throw error;
  } finally {
    closeSync(netns);
  }
}

/**
 * Lets a container reach itself by its published port: where br_netfilter is on, the bridge redirects the packet by itself
 * and has to send it back through the port that it came from.
 */
function reflect(veth: string): void {
  writeFileSync(`/sys/class/net/${veth}/brport/hairpin_mode`, '1');
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

/** These networks are IPv4: interfaces yet to come get no link-local addresses; lo keeps ::1. */
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
