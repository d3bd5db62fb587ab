/** The names that a container's resolver knows: those of the containers with which it shares a network of the user's own. */
import { formatAddress } from './ipv4.ts';
import type { NameSource } from './names/own-answers.ts';
import { dnsNames, hasNames, linkedNames } from './network-names.ts';
import type { Endpoint, NetworkRecord } from './network-record.ts';
import type { NetworkStore } from './network-store.ts';

/** One of the container's networks, with everybody on it. */
interface View {
  readonly network: NetworkRecord;
  readonly mine: Endpoint;
  readonly all: readonly Endpoint[];
}

export class KnownNames implements NameSource {
  readonly #store: NetworkStore;

  constructor(store: NetworkStore) {
    this.#store = store;
  }

  /** The first network that has it answers. `web.shop` is `web` on the network shop; a name may have dots of its own. */
  lookup(containerId: string, name: string, family: 4 | 6): readonly string[] | undefined {
    const views = this.#viewsOf(containerId);
    for (const [host, networkName] of splits(name)) {
      for (const { network, mine, all } of views) {
        if (networkName !== undefined && network.name.toLowerCase() !== networkName) continue;
        const found = all.filter((other) => answersTo(mine, other, host));
        if (found.length === 0) continue;
        return family === 4
          ? found.map(({ address = 0 }) => formatAddress(address))
          : found.flatMap(({ address6 }) => address6 ?? []);
      }
    }
    return undefined;
  }

  reverse(containerId: string, address: string): string | undefined {
    for (const { network, all } of this.#viewsOf(containerId)) {
      const found = all.find(
        (other) => other.address6 === address || formatAddress(other.address ?? 0) === address,
      );
      if (found) return `${found.containerName}.${network.name}`;
    }
    return undefined;
  }

  #viewsOf(containerId: string): View[] {
    return this.#store.endpointsOf(containerId).flatMap((mine) => {
      const network = this.#store.resolve(mine.networkId);
      if (!hasNames(network)) return [];
      const all = this.#store.endpointsOn(network.id).filter(({ address }) => address !== undefined);
      return [{ network, mine, all }];
    });
  }
}

function answersTo(mine: Endpoint, other: Endpoint, name: string): boolean {
  return [...dnsNames(other), ...linkedNames(mine, other)].some((one) => one.toLowerCase() === name);
}

/** The whole as a host's name, then every way to read its end as a network's. */
function splits(name: string): [host: string, network: string | undefined][] {
  const dots = [...name.matchAll(/\./g)].map(({ index }) => index).toReversed();
  return [[name, undefined], ...dots.map((at): [string, string] => [name.slice(0, at), name.slice(at + 1)])];
}
