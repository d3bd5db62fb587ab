/** A container's part in a network: an address of it, and the cable from its namespace to the bridge. */
import { join } from 'node:path';
import type { RouteSocket } from '../linux/route-socket.ts';
import {
  askedOf,
  type BridgedRecord,
  fixedAddress,
  fixedAddress6,
  leadingNetwork,
} from './asked-networks.ts';
import type { ConnectRequest } from './attachment.ts';
import { type Cable, plug } from './bridge.ts';
import { driverOption, mtuOf } from './driver-options.ts';
import { gateway6Of, subnet6Of } from './free-address6.ts';
import { addressBytes, formatMac, macFor, parseMac } from './ipv4.ts';
import { addressBytes6, parseAddress6 } from './ipv6.ts';
import { filesIn } from './network-files.ts';
import { hasNames } from './network-names.ts';
import type { Endpoint, EndpointDetails, NetworkRecord } from './network-record.ts';
import { gatewayOf, type NetworkStore } from './network-store.ts';
import { exposedPorts, type PublishedPort } from './port-bindings.ts';
import { outsideServers, readHostResolvConf } from './resolv-conf.ts';

export class NetworkCables {
  readonly #store: NetworkStore;
  readonly #socket: RouteSocket;
  readonly #netnsDirectory: string;

  constructor(store: NetworkStore, socket: RouteSocket, netnsDirectory: string) {
    this.#store = store;
    this.#socket = socket;
    this.#netnsDirectory = netnsDirectory;
  }

  /** An address of the network, and the cable that it belongs to. */
  plug(
    inside: RouteSocket,
    network: BridgedRecord,
    request: ConnectRequest,
    wish: { device: string; leads?: boolean; ports?: readonly PublishedPort[]; endpointId?: string },
  ): Endpoint {
    const { device, leads = false, ports = [], endpointId = randomId() } = wish;
    const asked = askedOf(network, request);
    const askedMac = asked.MacAddress ? parseMac(asked.MacAddress) : undefined;
    const macOf = (address = 0): Uint8Array => askedMac ?? macFor(address);
    const netnsPath = this.netnsPath(request.containerId);
    const endpoint = this.#store.connect(
      network,
      request.containerId,
      (address) => ({
        ...this.describe(request, { hostname: request.config.Hostname ?? '', netnsPath }),
        endpointId,
        mac: formatMac(macOf(address)),
        ports,
        device,
        asked,
        dns: hasNames(network) ? outsideServers(readHostResolvConf(), request.hostConfig) : undefined,
      }),
      fixedAddress(network, asked),
      fixedAddress6(network, asked),
    );
    const address = endpoint.address ?? 0;
    plug(this.#socket, inside, {
      netnsPath,
      bridge: network.bridge,
      device,
      subnet: network.subnet,
      address,
      mac: macOf(address),
      gateway: leads ? gatewayOf(network) : undefined,
      isolated: network.options.driver?.[driverOption.icc] === 'false',
      mtu: mtuOf(network),
      ...cable6(network, endpoint, leads),
    });
    return endpoint;
  }

  /** What is kept of an endpoint that has no cable. */
  describe(
    { name, config, stateDirectory }: ConnectRequest,
    place: Pick<EndpointDetails, 'hostname' | 'netnsPath'>,
  ): EndpointDetails {
    return {
      ...place,
      endpointId: randomId(),
      containerName: name,
      mac: '',
      files: filesIn(stateDirectory),
      ports: [],
      exposed: exposedPorts(config),
      device: '',
      asked: {},
    };
  }

  /** The endpoint that everything outside of the networks is sent to. */
  leader(endpoints: readonly Endpoint[]): Endpoint | undefined {
    const networks = endpoints.map(({ networkId }) => this.#store.resolve(networkId));
    const asked = Object.fromEntries(endpoints.map((one, at) => [networks[at]?.name ?? '', one.asked]));
    const leading = leadingNetwork(networks, asked);
    return endpoints.find(({ networkId }) => networkId === leading?.id);
  }

  netnsPath(containerId: string): string {
    return join(this.#netnsDirectory, containerId);
  }
}

/** Everything that is on no network of the container's is sent to this one's gateways. */
export function leadOut(inside: RouteSocket, network: NetworkRecord): void {
  const [gateway, gateway6] = [gatewayOf(network), gateway6Of(network)];
  if (gateway !== undefined) inside.replaceDefaultRoute(addressBytes(gateway));
  if (gateway6 !== undefined) inside.replaceDefaultRoute(addressBytes6(gateway6));
}

function cable6(network: NetworkRecord, { address6 = '' }: Endpoint, leads: boolean): Pick<Cable, 'ipv6'> {
  const [subnet, address] = [subnet6Of(network), parseAddress6(address6)];
  if (!subnet || address === undefined) return {};
  const gateway = leads ? gateway6Of(network) : undefined;
  return { ipv6: { address, prefixLength: subnet.prefixLength, gateway } };
}

export function randomId(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex');
}
