/** The bridges and rules that networks are made of: they follow from the store, and can be made or removed again at any time. */
import { mkdirSync } from 'node:fs';
import { DeniedError, messageOf } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { RouteSocket } from '../linux/route-socket.ts';
import { type BridgeWish, ensureBridge } from './bridge.ts';
import { driverOption, mtuOf } from './driver-options.ts';
import { Firewall, type RuleSource } from './firewall.ts';
import { droppingChains } from './forward-policy.ts';
import { gateway6Of, subnet6Of } from './free-address6.ts';
import { readRoutes } from './free-subnet.ts';
import type { NetworkRecord } from './network-record.ts';
import { gatewayOf, type NetworkStore } from './network-store.ts';
import { isPredefined, type NetworkRequest, planNetwork } from './plan-network.ts';
import { redirectionsTo } from './published-ports.ts';

export interface NetworkBridgesOptions {
  readonly store: NetworkStore;
  readonly socket: RouteSocket;
  /** Made before the first bridge. */
  readonly netnsDirectory: string;
  /** Of the default bridge and of the nft table. */
  readonly name: string;
  readonly log: Log;
}

export class NetworkBridges {
  readonly firewall: Firewall;
  readonly #store: NetworkStore;
  readonly #socket: RouteSocket;
  readonly #netnsDirectory: string;
  readonly #log: Log;
  /** Undefined after a failure: the next container tries again. */
  #setUp: Promise<void> | undefined;

  constructor({ store, socket, netnsDirectory, name, log }: NetworkBridgesOptions) {
    this.#store = store;
    this.#socket = socket;
    this.#netnsDirectory = netnsDirectory;
    this.#log = log;
    this.firewall = new Firewall(name, () => this.#rules());
    this.ready()
      .then(() => this.#warnOfOthers(name))
      .catch((error: unknown) => log.warn(`cannot set up the default network: ${messageOf(error)}`));
  }

  /** The bridges were made, and the rules. @throws the system's error. */
  ready(): Promise<void> {
    this.#setUp ??= this.#makeBridges().catch((error: unknown) => {
      this.#setUp = undefined;
      throw error;
    });
    return this.#setUp;
  }

  async #makeBridges(): Promise<void> {
    mkdirSync(this.#netnsDirectory, { recursive: true, mode: 0o711 });
    for (const network of this.#store.list()) {
      if (network.bridge !== undefined) await this.#makeBridge(network);
    }
    await this.firewall.apply();
  }

  async #makeBridge(network: NetworkRecord): Promise<void> {
    const subnet = await ensureBridge(this.#socket, {
      name: network.bridge ?? '',
      remembered: network.subnet,
      gateway: network.options.pool && gatewayOf(network),
      isFixed: network.options.pool !== undefined,
      mtu: mtuOf(network),
      ...ipv6Of(network, gateway6Of(network)),
      taken: this.#store.list().flatMap(({ id, subnet }) => (subnet && id !== network.id ? [subnet] : [])),
    });
    this.#store.setSubnet(network.id, subnet);
  }

  async #warnOfOthers(bridge: string): Promise<void> {
    for (const chain of await droppingChains()) {
      this.#log.warn(
        `the firewall's chain "${chain}" drops forwarded packets: containers may not reach the outside, nor be reached. ` +
          `Let interface ${bridge} through there (docker's: iptables -I DOCKER-USER -i ${bridge} -j ACCEPT, and the same with -o)`,
      );
    }
  }

  /** Also after somebody took a bridge away: it is made anew, with the subnet that it had. */
  async checked(): Promise<void> {
    const setUp = this.ready();
    await setUp;
    const isGone = this.#store
      .list()
      .some(({ bridge }) => bridge !== undefined && this.#socket.linkIndex(bridge) === undefined);
    if (isGone && this.#setUp === setUp) this.#setUp = undefined;
    await this.ready();
  }

  /** Makes a bridge network of the user's own. @throws InvalidError, ConflictError, DeniedError, UnsupportedError */
  async create(request: NetworkRequest): Promise<NetworkRecord> {
    await this.ready();
    const network = planNetwork(request, this.#store.list(), await readRoutes());
    this.#store.add(network);
    try {
      await this.#makeBridge(network);
      await this.firewall.apply();
    } catch (error) {
      this.#store.remove(network.id);
      throw error;
    }
    return this.#store.resolve(network.id);
  }

  /** @throws DeniedError for a predefined network, or while somebody is connected. */
  async remove(text: string): Promise<NetworkRecord> {
    const network = this.#store.resolve(text);
    if (isPredefined(network)) {
      throw new DeniedError(`${network.name} is a pre-defined network and cannot be removed`);
    }
    if (this.#store.endpointsOn(network.id).length > 0) {
      throw new DeniedError(
        `error while removing network: network ${network.name} id ${network.id} has active endpoints`,
      );
    }
    // The row goes last: what a crash leaves is a network whose bridge is made again.
    if (network.bridge !== undefined) this.#socket.deleteLink(network.bridge);
    this.#store.remove(network.id);
    await this.firewall.apply();
    return network;
  }

  /** Removes bridges and rules when no container is connected; otherwise they stay, for the containers live on. */
  async removeUnused(): Promise<void> {
    await this.#setUp?.catch(() => undefined);
    if (this.#store.endpoints().some((endpoint) => endpoint.address !== undefined)) return;
    await this.firewall.remove();
    for (const { bridge } of this.#store.list()) if (bridge !== undefined) this.#socket.deleteLink(bridge);
  }

  #rules(): RuleSource {
    const networks = this.#store
      .list()
      .flatMap(({ bridge, subnet, options: { internal = false, driver, ipv6 } }) => {
        const isMasqueraded = !internal && driver?.[driverOption.masquerade] !== 'false';
        return bridge && subnet
          ? [{ bridge, subnet, isInternal: internal, isMasqueraded, subnet6: ipv6?.subnet }]
          : [];
      });
    return { networks, redirections: this.#store.endpoints().flatMap(redirectionsTo) };
  }
}

function ipv6Of(network: NetworkRecord, gateway: bigint | undefined): Pick<BridgeWish, 'ipv6'> {
  const subnet = subnet6Of(network);
  return subnet && gateway !== undefined ? { ipv6: { gateway, prefixLength: subnet.prefixLength } } : {};
}
