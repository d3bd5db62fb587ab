/** Host ports of containers: held by the engine while the container is connected, and led to one of its addresses. */
import { existsSync } from 'node:fs';
import { messageOf } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { UndoStack } from '../../lib/undo.ts';
import type { ConnectRequest } from './attachment.ts';
import { bindingOf } from './driver-options.ts';
import type { Firewall, Redirection } from './firewall.ts';
import { HeldPorts } from './held-ports.ts';
import { holdPorts } from './hold-ports.ts';
import type { Endpoint, NetworkRecord } from './network-record.ts';
import { type PublishedPort, requestedPorts } from './port-bindings.ts';

export class PublishedPorts implements Disposable {
  readonly #firewall: Firewall;
  readonly #log: Log;
  readonly #ports = new HeldPorts();
  readonly #hasIpv6 = existsSync('/proc/net/if_inet6');

  constructor(firewall: Firewall, log: Log) {
    this.#firewall = firewall;
    this.#log = log;
  }

  /** The host ports that the container asks for. */
  hold(
    network: NetworkRecord,
    { config, hostConfig, name }: ConnectRequest,
    endpointId: string,
    undo: UndoStack,
  ): Promise<PublishedPort[]> {
    const wanted = requestedPorts(config, hostConfig, this.#hasIpv6, bindingOf(network));
    return holdPorts(this.#ports, wanted, `${name} (${endpointId})`, undo);
  }

  /** Ports that are held lead to this endpoint from now on. */
  async lead(endpoint: Endpoint): Promise<void> {
    const redirections = redirectionsTo(endpoint);
    for (const { port, address } of redirections) this.#ports.forward(port, address);
    if (redirections.length > 0) await this.#firewall.redirect(redirections);
  }

  /** The ports of several endpoints lead nowhere from now on; they stay held. */
  async unlead(endpoints: readonly Endpoint[]): Promise<void> {
    const published = endpoints.flatMap(redirectionsTo);
    if (published.length > 0) await this.#firewall.unredirect(published);
  }

  /** After `unlead`: until then a port would still lead to the container's old address. */
  release(endpoints: readonly Endpoint[]): void {
    for (const { port } of endpoints.flatMap(redirectionsTo)) this.#ports.release(port);
  }

  /** After the engine was away. */
  async holdAgain({ ports, address = 0 }: Endpoint): Promise<void> {
    for (const port of ports) {
      await this.#ports.holdAgain(port).catch((error: unknown) => this.#log.warn(messageOf(error)));
      this.#ports.forward(port, address);
    }
  }

  [Symbol.dispose](): void {
    this.#ports[Symbol.dispose]();
  }
}

export function redirectionsTo({ address, ports }: Endpoint): Redirection[] {
  return address === undefined ? [] : ports.map((port) => ({ port, address }));
}
