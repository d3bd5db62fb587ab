/**
 * Networks as containers see them: start connects, the end of a container disconnects, the engine's start recovers.
 * The store is the truth; namespaces, cables and rules follow from it and can be made or removed again at any time.
 */
import type { Database } from 'bun:sqlite';
import { existsSync, readdirSync } from 'node:fs';
import { hostname as hostnameOfHost } from 'node:os';
import { join } from 'node:path';
import type { NetworkSettings } from '../../engine-api/types.ts';
import { ConflictError, DeniedError } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import { UndoStack } from '../../lib/undo.ts';
import { removeNetns } from '../linux/netns.ts';
import { RouteSocket } from '../linux/route-socket.ts';
import { askedNetworks, bridged, leadingNetwork } from './asked-networks.ts';
import type { ConnectRequest, NetworkAttachment } from './attachment.ts';
import { createLoopbackNetns, socketInside } from './bridge.ts';
import { connectRunning, disconnectRunning, type NetworkParts } from './connect-running.ts';
import { ContainerNames } from './container-names.ts';
import { formatAddress } from './ipv4.ts';
import { NetworkBridges } from './network-bridges.ts';
import { NetworkCables, randomId } from './network-cables.ts';
import { writeNetworkFiles } from './network-files.ts';
import { hasNames } from './network-names.ts';
import type { Endpoint, NetworkRecord } from './network-record.ts';
import { connectedSettings, disconnectedSettings, networkName } from './network-settings.ts';
import { gatewayOf, NetworkStore } from './network-store.ts';
import type { NetworkRequest } from './plan-network.ts';
import { PublishedPorts } from './published-ports.ts';

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
  readonly #socket = RouteSocket.open();
  readonly #bridges: NetworkBridges;
  readonly #cables: NetworkCables;
  readonly #ports: PublishedPorts;
  readonly #names: ContainerNames;

  private constructor({ database, runDirectory, name, log }: NetworksOptions) {
    const store = new NetworkStore(database, name);
    const socket = this.#socket;
    const netnsDirectory = join(runDirectory, 'netns');
    this.store = store;
    this.#netnsDirectory = netnsDirectory;
    this.#bridges = new NetworkBridges({ store, socket, netnsDirectory, name, log });
    this.#cables = new NetworkCables(store, socket, netnsDirectory);
    this.#ports = new PublishedPorts(this.#bridges.firewall, log);
    this.#names = new ContainerNames(store, log);
  }

  /** Returns at once: bridge and rules are made in the background, and connect waits for them. */
  static open(options: NetworksOptions): ContainerNetworks {
    return new ContainerNetworks(options);
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
    const details = this.#cables.describe(request, { hostname, netnsPath: undefined });
    writeNetworkFiles(request, { hostname, address: undefined, gateway: undefined });
    return this.#attachment(
      network,
      this.store.connect(network, request.containerId, () => details),
    );
  }

  async #connectNone(network: NetworkRecord, request: ConnectRequest): Promise<NetworkAttachment> {
    await using undo = new UndoStack();
    const netnsPath = this.#cables.netnsPath(request.containerId);
    const hostname = request.config.Hostname ?? '';
    writeNetworkFiles(request, { hostname, address: undefined, gateway: undefined });
    const details = this.#cables.describe(request, { hostname, netnsPath });
    const endpoint = this.store.connect(network, request.containerId, () => details);
    undo.push(() => this.store.disconnect(request.containerId));
    createLoopbackNetns(netnsPath)[Symbol.dispose]();
    undo.commit();
    return this.#attachment(network, endpoint);
  }

  async #connectBridges(
    asked: readonly [NetworkRecord, ...NetworkRecord[]],
    request: ConnectRequest,
  ): Promise<NetworkAttachment> {
    await this.#bridges.checked();
    const networks = map(asked, ({ id }) => bridged(this.store.resolve(id)));
    await using undo = new UndoStack();
    const leading = leadingNetwork(networks, request.endpoints);
    const endpointId = randomId();
    const ports = leading ? await this.#ports.hold(leading, request, endpointId, undo) : [];
    const netnsPath = this.#cables.netnsPath(request.containerId);
    using inside = createLoopbackNetns(netnsPath);
    undo.push(() => removeNetns(netnsPath));
    undo.push(() => this.store.disconnect(request.containerId));
    const endpoints = map(networks, (network, at) => {
      const leads = network === leading && { ports, leads: true, endpointId };
      return this.#cables.plug(inside, network, request, { device: `eth${at}`, ...leads });
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
    for (const endpoint of endpoints) await this.#ports.lead(endpoint);
    undo.commit();
    return this.#attachment(networks[0], first);
  }

  /** Gives all of it back. Idempotent. Call it when the container has ended, after whoever waits was answered. */
  async disconnect(containerId: string): Promise<void> {
    const endpoints = this.store.endpointsOf(containerId);
    this.#names.stop(containerId);
    removeNetns(this.#cables.netnsPath(containerId));
    this.store.disconnect(containerId);
    await this.#ports.unlead(endpoints);
    this.#ports.release(endpoints);
  }

  /** Connects a container that runs to one more network. @throws DeniedError */
  connectRunning(networkName: string, request: ConnectRequest): Promise<NetworkSettings> {
    return connectRunning(this.#parts, networkName, request);
  }

  /** Takes a container that runs off one of its networks. */
  disconnectRunning(networkId: string, containerId: string): Promise<void> {
    return disconnectRunning(this.#parts, networkId, containerId);
  }

  get #parts(): NetworkParts {
    return {
      store: this.store,
      bridges: this.#bridges,
      cables: this.#cables,
      ports: this.#ports,
      names: this.#names,
    };
  }

  /** Makes a bridge network of the user's own. @throws InvalidError, ConflictError, DeniedError, UnsupportedError */
  create(request: NetworkRequest): Promise<NetworkRecord> {
    return this.#bridges.create(request);
  }

  /** @throws DeniedError for a predefined network, or while somebody is connected. */
  remove(text: string): Promise<NetworkRecord> {
    return this.#bridges.remove(text);
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
      if (running.has(endpoint.containerId) && isPlugged(endpoint)) await this.#ports.holdAgain(endpoint);
      else this.store.disconnect(endpoint.containerId, endpoint.networkId);
    }
    await this.#bridges.ready();
    for (const containerId of readdirSync(this.#netnsDirectory)) {
      if (!running.has(containerId)) removeNetns(this.#cables.netnsPath(containerId));
    }
    this.#names.comeBack();
    await this.#bridges.firewall.apply();
  }

  #attachment(network: NetworkRecord, endpoint: Endpoint): NetworkAttachment {
    const { netnsPath, files, hostname } = endpoint;
    const settings = this.settings(endpoint.containerId) ?? connectedSettings([[network, endpoint]]);
    return { netnsPath, files, hostname, settings };
  }

  /** Removes bridge and rules when no container is connected; otherwise they stay, for the containers live on. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bridges.removeUnused();
    this.#names.goAway();
    this.#names[Symbol.dispose]();
    this.#ports[Symbol.dispose]();
    this.#socket[Symbol.dispose]();
  }
}

/** A crash while the engine connected may leave an endpoint without a cable. */
function isPlugged({ netnsPath, device, address }: Endpoint): boolean {
  if (netnsPath === undefined || address === undefined || device === '') return true;
  if (!existsSync(netnsPath)) return false;
  using inside = socketInside(netnsPath);
  return inside.linkIndex(device) !== undefined;
}

/** What goes in is not empty, nor is what comes out. */
function map<From, To>(
  [first, ...rest]: readonly [From, ...From[]],
  each: (value: From, at: number) => To,
): [To, ...To[]] {
  return [each(first, 0), ...rest.map((value, at) => each(value, at + 1))];
}

/** The name that create gives by default, the start of the id, is nobody's wish. */
function askedHostname({ config, containerId }: ConnectRequest): string | undefined {
  return config.Hostname && !containerId.startsWith(config.Hostname) ? config.Hostname : undefined;
}
