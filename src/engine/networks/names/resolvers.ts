/**
 * The resolvers that containers on networks of the user's own find at 127.0.0.11: names of other containers are answered here,
 * the rest is asked of the servers that the container would have had, from the host's side.
 * A query: listeners.ts -> resolver.ts -> own-answers.ts, else upstream.ts -> exchange.ts.
 */
import type { Log } from '../../../lib/log.ts';
import { listenInside } from './listeners.ts';
import type { NameSource } from './own-answers.ts';
import { Resolver } from './resolver.ts';
import { Upstream, usualPatience } from './upstream.ts';

const dnsPort = 53;

/** A server of the rest of the world. */
export interface OutsideServer {
  readonly address: string;
  /** Asked from inside of the container's network, and not from the host's. */
  readonly isInside: boolean;
}

export class Resolvers implements Disposable {
  readonly #source: NameSource;
  readonly #log: Log;
  readonly #serving = new Map<string, DisposableStack>();

  constructor(source: NameSource, log: Log) {
    this.#source = source;
    this.#log = log;
  }

  /**
   * Answers from now on; before the container's process runs, so that its first query finds somebody. Serving it again replaces
   * what was. @param servers asked in this order.
   * @throws when the namespace is not there or its lo is down.
   */
  serve(containerId: string, netnsPath: string, servers: readonly OutsideServer[]): void {
    this.stop(containerId);
    const upstream = new Upstream(
      servers.map(({ address, isInside }) => ({ address, port: dnsPort, ...(isInside && { netnsPath }) })),
      usualPatience,
      this.#log,
    );
    using started = new DisposableStack();
    const resolver = started.use(new Resolver(containerId, this.#source, upstream, this.#log));
    started.use(listenInside(netnsPath, resolver));
    this.#serving.set(containerId, started.move());
  }

  /** Idempotent. The sockets would keep the container's namespace, so this belongs to its end. */
  stop(containerId: string): void {
    this.#serving.get(containerId)?.dispose();
    this.#serving.delete(containerId);
  }

  [Symbol.dispose](): void {
    for (const containerId of this.#serving.keys()) this.stop(containerId);
  }
}
