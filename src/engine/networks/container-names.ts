/**
 * How containers on networks of the user's own find each other by name: a resolver at 127.0.0.11 while the engine serves. When it
 * goes, lines in their /etc/hosts take over, and their resolv.conf names the servers of the outside. See decision 0012.
 */
import { messageOf } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import { KnownNames } from './known-names.ts';
import { Resolvers } from './names/resolvers.ts';
import { editInPlace } from './network-files.ts';
import { hasNames, hostsLines } from './network-names.ts';
import type { Endpoint } from './network-record.ts';
import type { NetworkStore } from './network-store.ts';
import { namingOutside, namingResolver } from './resolv-conf.ts';

const marker = '# Containers on the same networks, while cais is away\n';

export class ContainerNames implements Disposable {
  readonly #store: NetworkStore;
  readonly #resolvers: Resolvers;
  readonly #log: Log;

  constructor(store: NetworkStore, log: Log) {
    this.#store = store;
    this.#resolvers = new Resolvers(new KnownNames(store), log);
    this.#log = log;
  }

  /**
   * From now on the container's queries are answered, if it is on a network with names. To be called again whenever its networks change:
   * whether there is a way out decides whether names of the outside are asked for. About 1 ms.
   */
  serve(containerId: string): void {
    const endpoints = this.#store.endpointsOf(containerId);
    const [named] = this.#named(endpoints);
    if (named?.netnsPath === undefined || named.dns === undefined) return;
    const leadsOut = endpoints.some(({ networkId }) => !this.#store.resolve(networkId).options.internal);
    this.#resolvers.serve(containerId, named.netnsPath, leadsOut ? named.dns : []);
  }

  /** Idempotent. */
  stop(containerId: string): void {
    this.#resolvers.stop(containerId);
  }

  /** After the engine was away. One container's trouble is not the others'. */
  comeBack(): void {
    for (const endpoint of this.#served()) {
      try {
        this.serve(endpoint.containerId);
        editInPlace(endpoint.files.resolvConf, (text) => namingResolver(text, endpoint.dns ?? []));
        editInPlace(endpoint.files.hosts, withoutLines);
      } catch (error) {
        this.#log.warn(`names of container ${endpoint.containerId} cannot be resolved: ${messageOf(error)}`);
      }
    }
  }

  /** The engine stops, the containers run on. */
  goAway(): void {
    for (const { containerId, files, dns = [] } of this.#served()) {
      const lines = `${marker}${hostsLines(this.#store, containerId)}`;
      editInPlace(files.hosts, (text) => `${withoutLines(text)}${lines}`);
      editInPlace(files.resolvConf, (text) => namingOutside(text, dns));
    }
  }

  [Symbol.dispose](): void {
    this.#resolvers[Symbol.dispose]();
  }

  /** One endpoint of each container that has a resolver. */
  #served(): Endpoint[] {
    const named = this.#named(this.#store.endpoints()).filter(({ dns }) => dns !== undefined);
    return [...new Map(named.map((endpoint) => [endpoint.containerId, endpoint])).values()];
  }

  #named(endpoints: readonly Endpoint[]): Endpoint[] {
    return endpoints.filter(({ networkId }) => hasNames(this.#store.resolve(networkId)));
  }
}

function withoutLines(text: string): string {
  return text.split(marker, 1)[0] ?? '';
}
