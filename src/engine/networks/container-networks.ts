/**
 * Networks as containers see them: start connects, the end of a container disconnects, the engine's start recovers.
 * The store is the truth; namespaces, cables and rules follow from it and can be made or removed again at any time.
 */
import type { Database } from 'bun:sqlite';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { hostname as hostnameOfHost } from 'node:os';
import { join } from 'node:path';
import type { NetworkSettings } from '../../engine-api/types.ts';
import { ConflictError, DeniedError, messageOf } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import { UndoStack } from '../../lib/undo.ts';
import { removeNetns } from '../linux/netns.ts';
import { RouteSocket } from '../linux/route-socket.ts';
import type { ConnectRequest, NetworkAttachment } from './attachment.ts';
import {
  askedNetworks,
  askedOf,
  type BridgedRecord,
  bridged,
  fixedAddress,
  fixedAddress6,
  leadingNetwork,
} from './asked-networks.ts';
import {
  type BridgeWish,
  type Cable,
  createLoopbackNetns,
  ensureBridge,
  plug,
  socketInside,
  unplug,
} from './bridge.ts';
import { ContainerNames } from './container-names.ts';
import { bindingOf, driverOption, mtuOf } from './driver-options.ts';
import { Firewall, type Redirection, type RuleSource } from './firewall.ts';
import { droppingChains } from './forward-policy.ts';
import { HeldPorts } from './held-ports.ts';
import { gateway6Of, subnet6Of } from './free-address6.ts';
import { addressBytes6, parseAddress6 } from './ipv6.ts';
import { readRoutes } from './free-subnet.ts';
import { addressBytes, formatAddress, formatMac, macFor, parseMac } from './ipv4.ts';
import { filesIn, nameResolver, writeNetworkFiles } from './network-files.ts';
import { hasNames } from './network-names.ts';
import { outsideServers, readHostResolvConf } from './resolv-conf.ts';
import { connectedSettings, disconnectedSettings, networkName } from './network-settings.ts';
import type { Endpoint, EndpointDetails, NetworkRecord } from './network-record.ts';
import { gatewayOf, NetworkStore } from './network-store.ts';
import { holdPorts } from './hold-ports.ts';
import { isPredefined, type NetworkRequest, planNetwork } from './plan-network.ts';
import { exposedPorts, type PublishedPort, requestedPorts } from './port-bindings.ts';

export interface NetworksOptions {
  readonly database: Database;
  /** The engine's runtime directory; network namespaces are kept in its netns/. */
  readonly runDirectory: string;
  /** Names the default bridge and the nft table; engines side by side need different ones. At most 15 letters and digits. */
  readonly name: string;
  readonly log: Log;
}

export class ContainerNetworks implements AsyncDisposable {
  readonly store: NetworkStore;
  readonly #netnsDirectory: string;
  readonly #log: Log;
  readonly #socket = RouteSocket.open();
  readonly #ports = new HeldPorts();
  readonly #hasIpv6 = existsSync('/proc/net/if_inet6');
  readonly #firewall: Firewall;
  readonly #names: ContainerNames;
  /** Undefined after a failure: the next container tries again. */
  #setUp: Promise<void> | undefined;

  private constructor({ database, runDirectory, name, log }: NetworksOptions) {
    this.store = new NetworkStore(database, name);
    this.#netnsDirectory = join(runDirectory, 'netns');
    this.#firewall = new Firewall(name, () => this.#rules());
    this.#names = new ContainerNames(this.store, log);
    this.#log = log;
    this.#ready()
      .then(() => this.#warnOfOthers(name))
      .catch((error: unknown) => log.warn(`cannot set up the default network: ${messageOf(error)}`));
  }

  /** Returns at once: bridge and rules are made in the background, and connect waits for them. */
  static open(options: NetworksOptions): ContainerNetworks {
    return new ContainerNetworks(options);
  }

  #ready(): Promise<void> {
    this.#setUp ??= this.#makeBridges().catch((error: unknown) => {
      this.#setUp = undefined;
      throw error;
    });
    return this.#setUp;
  }

  async #makeBridges(): Promise<void> {
    mkdirSync(this.#netnsDirectory, { recursive: true, mode: 0o711 });
    for (const network of this.store.list()) {
      if (network.bridge !== undefined) await this.#makeBridge(network);
    }
    await this.#firewall.apply();
  }

  async #makeBridge(network: NetworkRecord): Promise<void> {
    const subnet = await ensureBridge(this.#socket, {
      name: network.bridge ?? '',
      remembered: network.subnet,
      gateway: network.options.pool && gatewayOf(network),
      isFixed: network.options.pool !== undefined,
      mtu: mtuOf(network),
      ...ipv6Of(network, gateway6Of(network)),
      taken: this.store.list().flatMap(({ id, subnet }) => (subnet && id !== network.id ? [subnet] : [])),
    });
    this.store.setSubnet(network.id, subnet);
  }

  async #warnOfOthers(bridge: string): Promise<void> {
    for (const chain of await droppingChains()) {
      this.#log.warn(
        `the firewall's chain "${chain}" drops forwarded packets: containers may not reach the outside, nor be reached. ` +
          `Let interface ${bridge} through there (docker's: iptables -I DOCKER-USER -i ${bridge} -j ACCEPT, and the same with -o)`,
      );
    }
  }

  /**
   * Gives the container its network namespace, address, published ports and files. All or nothing.
   * @throws ConflictError when a host port is taken, or the container to join is not connected (not running);
   *   NotFoundError when there is no such network; InvalidError when an option makes no sense.
   */
  async connect(request: ConnectRequest): Promise<NetworkAttachment> {
    const mode = request.config.NetworkDisabled ? 'none' : networkName(request.hostConfig);
    if (mode.startsWith('container:')) return this.#join(mode.slice('container:'.length), request);
    await this.disconnect(request.containerId);
    const networks = askedNetworks(this.store, mode, request);
    const [network] = networks;
    if (networks.length > 1 && networks.some(({ driver }) => driver !== 'bridge')) {
      throw new DeniedError(
        'container cannot be connected to multiple networks with one of the networks in private (none) mode',
      );
    }
    if (network.driver === 'host') return this.#connectHost(network, request);
    if (network.driver === 'null') return this.#connectNone(network, request);
    return this.#connectBridges(networks, request);
  }

  /** The other container's namespace, files and name; no endpoint of one's own. */
  #join(otherId: string, { hostConfig }: ConnectRequest): NetworkAttachment {
    const [other] = this.store.endpointsOf(otherId);
    if (!other) throw new ConflictError(`cannot join network of a non running container: ${otherId}`);
    const { netnsPath, files, hostname } = other;
    return { netnsPath, files, hostname, settings: disconnectedSettings(hostConfig) };
  }

  #connectHost(network: NetworkRecord, request: ConnectRequest): NetworkAttachment {
    const hostname = askedHostname(request) ?? hostnameOfHost();
    const details = this.#describe(request, { hostname, netnsPath: undefined });
    writeNetworkFiles(request, { hostname, address: undefined, gateway: undefined });
    return this.#attachment(
      network,
      this.store.connect(network, request.containerId, () => details),
    );
  }

  async #connectNone(network: NetworkRecord, request: ConnectRequest): Promise<NetworkAttachment> {
    await using undo = new UndoStack();
    const netnsPath = this.#netnsPath(request.containerId);
    const hostname = request.config.Hostname ?? '';
    writeNetworkFiles(request, { hostname, address: undefined, gateway: undefined });
    const details = this.#describe(request, { hostname, netnsPath });
    const endpoint = this.store.connect(network, request.containerId, () => details);
    undo.push(() => this.store.disconnect(request.containerId));
    createLoopbackNetns(netnsPath)[Symbol.dispose]();
    undo.commit();
    return this.#attachment(network, endpoint);
  }

  /** Also after somebody took a bridge away: it is made anew, with the subnet that it had. */
  async #bridgesReady(): Promise<void> {
    const setUp = this.#ready();
    await setUp;
    const isGone = this.store
      .list()
      .some(({ bridge }) => bridge !== undefined && this.#socket.linkIndex(bridge) === undefined);
    if (isGone && this.#setUp === setUp) this.#setUp = undefined;
    await this.#ready();
  }

  async #connectBridges(
    asked: readonly [NetworkRecord, ...NetworkRecord[]],
    request: ConnectRequest,
  ): Promise<NetworkAttachment> {
    await this.#bridgesReady();
    const networks = map(asked, ({ id }) => bridged(this.store.resolve(id)));
    await using undo = new UndoStack();
    const leading = leadingNetwork(networks, request.endpoints);
    const endpointId = randomId();
    const ports = leading ? await this.#hold(leading, request, endpointId, undo) : [];
    const netnsPath = this.#netnsPath(request.containerId);
    using inside = createLoopbackNetns(netnsPath);
    undo.push(() => removeNetns(netnsPath));
    undo.push(() => this.store.disconnect(request.containerId));
    const endpoints = map(networks, (network, at) => {
      const leads = network === leading && { ports, leads: true, endpointId };
      return this.#plug(inside, network, request, { device: `eth${at}`, ...leads });
    });
    const [first] = endpoints;
    writeNetworkFiles(request, {
      hostname: request.config.Hostname ?? '',
      address: formatAddress(first.address ?? 0),
      address6: first.address6,
      gateway: formatAddress(gatewayOf(leading ?? networks[0]) ?? 0),
      hasResolver: networks.some(hasNames),
    });
    undo.push(() => this.#names.stop(request.containerId));
    this.#names.serve(request.containerId);
    for (const endpoint of endpoints) await this.#lead(endpoint);
    undo.commit();
    return this.#attachment(networks[0], first);
  }

  /** The host ports that the container asks for. */
  #hold(
    network: NetworkRecord,
    { config, hostConfig, name }: ConnectRequest,
    endpointId: string,
    undo: UndoStack,
  ): Promise<PublishedPort[]> {
    const wanted = requestedPorts(config, hostConfig, this.#hasIpv6, bindingOf(network));
    return holdPorts(this.#ports, wanted, `${name} (${endpointId})`, undo);
  }

  /** Ports that are held lead to this endpoint from now on. */
  async #lead(endpoint: Endpoint): Promise<void> {
    const redirections = redirectionsTo(endpoint);
    for (const { port, address } of redirections) this.#ports.forward(port, address);
    if (redirections.length > 0) await this.#firewall.redirect(redirections);
  }

  /** An address of the network, and the cable that it belongs to. */
  #plug(
    inside: RouteSocket,
    network: BridgedRecord,
    request: ConnectRequest,
    wish: { device: string; leads?: boolean; ports?: readonly PublishedPort[]; endpointId?: string },
  ): Endpoint {
    const { device, leads = false, ports = [], endpointId = randomId() } = wish;
    const asked = askedOf(network, request);
    const askedMac = asked.MacAddress ? parseMac(asked.MacAddress) : undefined;
    const macOf = (address = 0): Uint8Array => askedMac ?? macFor(address);
    const netnsPath = this.#netnsPath(request.containerId);
    const endpoint = this.store.connect(
      network,
      request.containerId,
      (address) => ({
        ...this.#describe(request, { hostname: request.config.Hostname ?? '', netnsPath }),
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

  /**
   * Connects a container that runs to one more network. @throws ConflictError when it has no namespace of its own here.
   */
  async connectRunning(networkName: string, request: ConnectRequest): Promise<NetworkSettings> {
    await this.#bridgesReady();
    const network = bridged(this.store.resolve(networkName));
    const others = this.store.endpointsOf(request.containerId);
    const netnsPath = others[0]?.netnsPath ?? this.#netnsPath(request.containerId);
    if (!existsSync(netnsPath)) {
      throw new DeniedError(
        'container sharing network namespace with another container or host cannot be connected to any other network',
      );
    }
    await using undo = new UndoStack();
    using inside = socketInside(netnsPath);
    const used = new Set(others.map(({ device }) => device));
    let number = 0;
    while (used.has(`eth${number}`)) number++;
    const device = `eth${number}`;
    if (others.some(({ networkId }) => networkId === network.id)) {
      throw new DeniedError(`endpoint with name ${request.name} already exists in network ${network.name}`);
    }
    undo.push(() => this.store.disconnect(request.containerId, network.id));
    undo.push(() => inside.deleteLink(device));
    const endpoint = this.#plug(inside, network, request, { device });
    if (this.#leader([...others, endpoint]) === endpoint) {
      leadOut(inside, network);
      if (others.every(({ ports }) => ports.length === 0))
        await this.#publish(network, endpoint, request, undo);
    }
    this.#names.serve(request.containerId);
    if (hasNames(network)) nameResolver(request);
    undo.commit();
    return connectedSettings([[network, endpoint]]);
  }

  /** The ports of a container that had no network to publish them on. */
  async #publish(
    network: NetworkRecord,
    endpoint: Endpoint,
    request: ConnectRequest,
    undo: UndoStack,
  ): Promise<void> {
    const ports = await this.#hold(network, request, endpoint.endpointId, undo);
    this.store.setPorts(request.containerId, network.id, ports);
    await this.#lead({ ...endpoint, ports });
  }

  /** Takes a container that runs off one of its networks; its published ports pass to the one that leads out then. */
  async disconnectRunning(networkId: string, containerId: string): Promise<void> {
    const endpoint = this.store.endpointsOf(containerId).find((one) => one.networkId === networkId);
    if (!endpoint) return;
    const { netnsPath, device } = endpoint;
    const published = redirectionsTo(endpoint);
    if (netnsPath !== undefined && existsSync(netnsPath)) unplug(netnsPath, device);
    const next = this.#leader(
      this.store.endpointsOf(containerId).filter((one) => one.networkId !== networkId),
    );
    if (next && published.length > 0) this.store.setPorts(containerId, next.networkId, endpoint.ports);
    this.store.disconnect(containerId, networkId);
    await this.#firewall.unredirect(published);
    if (next && published.length > 0) await this.#lead({ ...next, ports: endpoint.ports });
    else for (const { port } of published) this.#ports.release(port);
    if (netnsPath !== undefined && next?.address !== undefined) {
      using inside = socketInside(netnsPath);
      leadOut(inside, this.store.resolve(next.networkId));
    }
    this.#names.serve(containerId);
  }

  /** The endpoint that everything outside of the networks is sent to. */
  #leader(endpoints: readonly Endpoint[]): Endpoint | undefined {
    const networks = endpoints.map(({ networkId }) => this.store.resolve(networkId));
    const asked = Object.fromEntries(endpoints.map((one, at) => [networks[at]?.name ?? '', one.asked]));
    const leading = leadingNetwork(networks, asked);
    return endpoints.find(({ networkId }) => networkId === leading?.id);
  }

  /** Makes a bridge network of the user's own. @throws InvalidError, ConflictError, DeniedError, UnsupportedError */
  async create(request: NetworkRequest): Promise<NetworkRecord> {
    await this.#ready();
    const network = planNetwork(request, this.store.list(), await readRoutes());
    this.store.add(network);
    try {
      await this.#makeBridge(network);
      await this.#firewall.apply();
    } catch (error) {
      this.store.remove(network.id);
      throw error;
    }
    return this.store.resolve(network.id);
  }

  /** @throws DeniedError for a predefined network, or while somebody is connected. */
  async remove(text: string): Promise<NetworkRecord> {
    const network = this.store.resolve(text);
    if (isPredefined(network)) {
      throw new DeniedError(`${network.name} is a pre-defined network and cannot be removed`);
    }
    if (this.store.endpointsOn(network.id).length > 0) {
      throw new DeniedError(
        `error while removing network: network ${network.name} id ${network.id} has active endpoints`,
      );
    }
    // The row goes last: what a crash leaves is a network whose bridge is made again.
    if (network.bridge !== undefined) this.#socket.deleteLink(network.bridge);
    this.store.remove(network.id);
    await this.#firewall.apply();
    return network;
  }

  #describe(
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

  #attachment(network: NetworkRecord, endpoint: Endpoint): NetworkAttachment {
    const { netnsPath, files, hostname } = endpoint;
    const settings = this.settings(endpoint.containerId) ?? connectedSettings([[network, endpoint]]);
    return { netnsPath, files, hostname, settings };
  }

  /** Gives all of it back. Idempotent. Call it when the container has ended, after whoever waits was answered. */
  async disconnect(containerId: string): Promise<void> {
    const endpoints = this.store.endpointsOf(containerId);
    const published = endpoints.flatMap(redirectionsTo);
    this.#names.stop(containerId);
    removeNetns(this.#netnsPath(containerId));
    this.store.disconnect(containerId);
    if (published.length === 0) return;
    // The rules first: until they are gone the port would still lead to the container's old address.
    await this.#firewall.unredirect(published);
    for (const { port } of published) this.#ports.release(port);
  }

  /** As `inspect` shows it; undefined when the container is not connected (not running). */
  settings(containerId: string): NetworkSettings | undefined {
    const endpoints = this.store.endpointsOf(containerId);
    if (endpoints.length === 0) return undefined;
    return connectedSettings(endpoints.map((one) => [this.store.resolve(one.networkId), one]));
  }

  /** After the engine was away: keeps the running containers' networks, gives back everything else. */
  async recover(running: ReadonlySet<string>): Promise<void> {
    for (const endpoint of this.store.endpoints()) {
      if (running.has(endpoint.containerId) && isPlugged(endpoint)) await this.#holdAgain(endpoint);
      else this.store.disconnect(endpoint.containerId, endpoint.networkId);
    }
    await this.#ready();
    for (const containerId of readdirSync(this.#netnsDirectory)) {
      if (!running.has(containerId)) removeNetns(this.#netnsPath(containerId));
    }
    this.#names.comeBack();
    await this.#firewall.apply();
  }

  async #holdAgain({ ports, address = 0 }: Endpoint): Promise<void> {
    for (const port of ports) {
      await this.#ports.holdAgain(port).catch((error: unknown) => this.#log.warn(messageOf(error)));
      this.#ports.forward(port, address);
    }
  }

  /** Removes bridge and rules when no container is connected; otherwise they stay, for the containers live on. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#setUp?.catch(() => undefined);
    if (this.store.endpoints().every((endpoint) => endpoint.address === undefined)) {
      await this.#firewall.remove();
      for (const { bridge } of this.store.list()) if (bridge !== undefined) this.#socket.deleteLink(bridge);
    }
    this.#names.goAway();
    this.#names[Symbol.dispose]();
    this.#ports[Symbol.dispose]();
    this.#socket[Symbol.dispose]();
  }

  #rules(): RuleSource {
    const networks = this.store
      .list()
      .flatMap(({ bridge, subnet, options: { internal = false, driver, ipv6 } }) => {
        const isMasqueraded = !internal && driver?.[driverOption.masquerade] !== 'false';
        return bridge && subnet
          ? [{ bridge, subnet, isInternal: internal, isMasqueraded, subnet6: ipv6?.subnet }]
          : [];
      });
    return { networks, redirections: this.store.endpoints().flatMap(redirectionsTo) };
  }

  #netnsPath(containerId: string): string {
    return join(this.#netnsDirectory, containerId);
  }
}

/** A crash while the engine connected may leave an endpoint without a cable. */
function isPlugged({ netnsPath, device, address }: Endpoint): boolean {
  if (netnsPath === undefined || address === undefined || device === '') return true;
  if (!existsSync(netnsPath)) return false;
  using inside = socketInside(netnsPath);
  return inside.linkIndex(device) !== undefined;
}

/** Everything that is on no network of the container's is sent to this one's gateways. */
function leadOut(inside: RouteSocket, network: NetworkRecord): void {
  const [gateway, gateway6] = [gatewayOf(network), gateway6Of(network)];
  if (gateway !== undefined) inside.replaceDefaultRoute(addressBytes(gateway));
  if (gateway6 !== undefined) inside.replaceDefaultRoute(addressBytes6(gateway6));
}

function ipv6Of(network: NetworkRecord, gateway: bigint | undefined): Pick<BridgeWish, 'ipv6'> {
  const subnet = subnet6Of(network);
  return subnet && gateway !== undefined ? { ipv6: { gateway, prefixLength: subnet.prefixLength } } : {};
}

function cable6(network: NetworkRecord, { address6 = '' }: Endpoint, leads: boolean): Pick<Cable, 'ipv6'> {
  const [subnet, address] = [subnet6Of(network), parseAddress6(address6)];
  if (!subnet || address === undefined) return {};
  const gateway = leads ? gateway6Of(network) : undefined;
  return { ipv6: { address, prefixLength: subnet.prefixLength, gateway } };
}

function redirectionsTo({ address, ports }: Endpoint): Redirection[] {
  return address === undefined ? [] : ports.map((port) => ({ port, address }));
}

/** What goes in is not empty, nor is what comes out. */
function map<From, To>(
  [first, ...rest]: readonly [From, ...From[]],
  each: (value: From, at: number) => To,
): [To, ...To[]] {
  return [each(first, 0), ...rest.map((value, at) => each(value, at + 1))];
}

function randomId(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex');
}

/** The name that create gives by default, the start of the id, is nobody's wish. */
function askedHostname({ config, containerId }: ConnectRequest): string | undefined {
  return config.Hostname && !containerId.startsWith(config.Hostname) ? config.Hostname : undefined;
}
