/**
 * Networks as containers see them: start connects, the end of a container disconnects, the engine's start recovers.
 * The store is the truth; namespaces, cables and rules follow from it and can be made or removed again at any time.
 */
import type { Database } from 'bun:sqlite';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { hostname as hostnameOfHost } from 'node:os';
import { join } from 'node:path';
import type { NetworkSettings } from '../../engine-api/types.ts';
import { ConflictError, messageOf, NotFoundError } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import { UndoStack } from '../../lib/undo.ts';
import { removeNetns } from '../linux/netns.ts';
import { RouteSocket } from '../linux/route-socket.ts';
import type { ConnectRequest, NetworkAttachment } from './attachment.ts';
import { createLoopbackNetns, ensureBridge, plug } from './bridge.ts';
import { Firewall, type Redirection, type RuleSource } from './firewall.ts';
import { droppingChains } from './forward-policy.ts';
import { HeldPorts } from './held-ports.ts';
import { formatAddress, formatMac, macFor, parseMac } from './ipv4.ts';
import { filesIn, writeNetworkFiles } from './network-files.ts';
import { connectedSettings, disconnectedSettings, networkName } from './network-settings.ts';
import {
  type Endpoint,
  type EndpointDetails,
  gatewayOf,
  type NetworkRecord,
  NetworkStore,
} from './network-store.ts';
import { holdPorts } from './hold-ports.ts';
import { exposedPorts, requestedPorts } from './port-bindings.ts';

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
  /** Undefined after a failure: the next container tries again. */
  #setUp: Promise<void> | undefined;

  private constructor({ database, runDirectory, name, log }: NetworksOptions) {
    this.store = new NetworkStore(database, name);
    this.#netnsDirectory = join(runDirectory, 'netns');
    this.#firewall = new Firewall(name, () => this.#rules());
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
      if (network.bridge === undefined) continue;
      const subnet = await ensureBridge(this.#socket, network.bridge, network.subnet);
      this.store.setSubnet(network.id, subnet);
    }
    await this.#firewall.apply();
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
    const network = this.store.resolve(mode);
    if (network.driver === 'host') return this.#connectHost(network, request);
    if (network.driver === 'null') return this.#connectNone(network, request);
    return this.#connectBridge(network.id, request);
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

  async #connectBridge(networkId: string, request: ConnectRequest): Promise<NetworkAttachment> {
    await this.#bridgesReady();
    const network = this.store.resolve(networkId);
    if (network.bridge === undefined || network.subnet === undefined) {
      throw new NotFoundError(`network ${network.name} not found`);
    }
    await using undo = new UndoStack();
    const endpointId = randomId();
    const wanted = requestedPorts(request.config, request.hostConfig, this.#hasIpv6);
    const ports = await holdPorts(this.#ports, wanted, `${request.name} (${endpointId})`, undo);
    const asked = request.endpoints?.[network.name]?.MacAddress || request.config.MacAddress;
    const askedMac = asked ? parseMac(asked) : undefined;
    const macOf = (address = 0): Uint8Array => askedMac ?? macFor(address);
    const hostname = request.config.Hostname ?? '';
    const netnsPath = this.#netnsPath(request.containerId);
    const endpoint = this.store.connect(network, request.containerId, (address) => ({
      ...this.#describe(request, { hostname, netnsPath }),
      endpointId,
      mac: formatMac(macOf(address)),
      ports,
    }));
    undo.push(() => this.store.disconnect(request.containerId));
    const address = endpoint.address ?? 0;
    const { bridge, subnet } = network;
    plug(this.#socket, { netnsPath, bridge, subnet, address, mac: macOf(address) });
    undo.push(() => removeNetns(netnsPath));
    for (const port of ports) this.#ports.forward(port, address);
    const gateway = formatAddress(gatewayOf(subnet));
    writeNetworkFiles(request, { hostname, address: formatAddress(address), gateway });
    if (ports.length > 0) await this.#firewall.redirect(redirectionsTo(endpoint));
    undo.commit();
    return this.#attachment(network, endpoint);
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
    };
  }

  #attachment(network: NetworkRecord, endpoint: Endpoint): NetworkAttachment {
    const { netnsPath, files, hostname } = endpoint;
    return { netnsPath, files, hostname, settings: connectedSettings(network, endpoint) };
  }

  /** Gives all of it back. Idempotent. Call it when the container has ended, after whoever waits was answered. */
  async disconnect(containerId: string): Promise<void> {
    const endpoints = this.store.endpointsOf(containerId);
    const published = endpoints.flatMap(redirectionsTo);
    removeNetns(this.#netnsPath(containerId));
    this.store.disconnect(containerId);
    if (published.length === 0) return;
    // The rules first: until they are gone the port would still lead to the container's old address.
    await this.#firewall.unredirect(published);
    for (const { port } of published) this.#ports.release(port);
  }

  /** As `inspect` shows it; undefined when the container is not connected (not running). */
  settings(containerId: string): NetworkSettings | undefined {
    const [endpoint] = this.store.endpointsOf(containerId);
    return endpoint && connectedSettings(this.store.resolve(endpoint.networkId), endpoint);
  }

  /** After the engine was away: keeps the running containers' networks, gives back everything else. */
  async recover(running: ReadonlySet<string>): Promise<void> {
    for (const endpoint of this.store.endpoints()) {
      if (running.has(endpoint.containerId)) await this.#holdAgain(endpoint);
      else this.store.disconnect(endpoint.containerId);
    }
    await this.#ready();
    for (const containerId of readdirSync(this.#netnsDirectory)) {
      if (!running.has(containerId)) removeNetns(this.#netnsPath(containerId));
    }
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
    this.#ports[Symbol.dispose]();
    this.#socket[Symbol.dispose]();
  }

  #rules(): RuleSource {
    const networks = this.store
      .list()
      .flatMap(({ bridge, subnet }) => (bridge && subnet ? [{ bridge, subnet }] : []));
    return { networks, redirections: this.store.endpoints().flatMap(redirectionsTo) };
  }

  #netnsPath(containerId: string): string {
    return join(this.#netnsDirectory, containerId);
  }
}

function redirectionsTo({ address, ports }: Endpoint): Redirection[] {
  return address === undefined ? [] : ports.map((port) => ({ port, address }));
}

function randomId(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex');
}

/** The name that create gives by default, the start of the id, is nobody's wish. */
function askedHostname({ config, containerId }: ConnectRequest): string | undefined {
  return config.Hostname && !containerId.startsWith(config.Hostname) ? config.Hostname : undefined;
}
