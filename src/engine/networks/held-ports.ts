/**
 * Host ports in use by containers. Each is held by a socket of the engine's own (port-holder.ts), so that no program of the host
 * can take it, and one that has it is noticed.
 */
import { CaisError, ConflictError, errnoOf, InvalidError } from '../../lib/errors.ts';
import type { PortRequest, PublishedPort } from './port-bindings.ts';
import { openHolder, type PortHolder } from './port-holder.ts';

/** Where Linux takes ephemeral ports from by default; docker does the same. */
const ephemeral = { first: 32_768, last: 60_999 };

export class HeldPorts implements Disposable {
  readonly #holders = new Map<string, PortHolder>();
  #nextEphemeral = ephemeral.first;

  /**
   * Takes one host port on all addresses of the request.
   * @throws ConflictError in docker's words: another container or another program has it.
   */
  async hold(request: PortRequest): Promise<PublishedPort[]> {
    const candidates = request.firstHostPort === 0 ? this.#ephemeralPorts() : portRange(request);
    let failure: unknown = new ConflictError('all ports are allocated');
    for (const hostPort of candidates) {
      try {
        return await this.#takeAll(request, hostPort);
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
        failure = error;
      }
    }
    throw failure;
  }

  /** Takes this very port back after the engine was away. @throws ConflictError */
  async holdAgain(port: PublishedPort): Promise<void> {
    await this.#take(port);
  }

  /** Tells where a held port leads to. */
  forward(port: PublishedPort, address: number): void {
    this.#holders.get(keyOf(port))?.forwardTo(address);
  }

  /** Idempotent. */
  release(port: PublishedPort): void {
    this.#holders.get(keyOf(port))?.close();
    this.#holders.delete(keyOf(port));
  }

  [Symbol.dispose](): void {
    for (const holder of this.#holders.values()) holder.close();
    this.#holders.clear();
  }

  *#ephemeralPorts(): Iterable<number> {
    for (let tries = ephemeral.first; tries <= ephemeral.last; tries++) {
      const port = this.#nextEphemeral;
      this.#nextEphemeral = port === ephemeral.last ? ephemeral.first : port + 1;
      yield port;
    }
  }

  async #takeAll(request: PortRequest, hostPort: number): Promise<PublishedPort[]> {
    const { containerPort, protocol } = request;
    const taken: PublishedPort[] = [];
    try {
      for (const hostIp of request.hostIps) {
        const port = { containerPort, protocol, hostIp, hostPort };
        await this.#take(port);
        taken.push(port);
      }
      return taken;
    } catch (error) {
      for (const port of taken) this.release(port);
      throw error;
    }
  }

  async #take(port: PublishedPort): Promise<void> {
    const where = formatWhere(port);
    if (this.#isHeld(port)) throw new ConflictError(`Bind for ${where} failed: port is already allocated`);
    try {
      this.#holders.set(keyOf(port), await openHolder(port));
    } catch (cause) {
      if (cause instanceof CaisError) throw cause;
      const what = `listen ${port.protocol}${port.hostIp.includes(':') ? '6' : '4'} ${where}: bind`;
      if (errnoOf(cause) === 'EADDRINUSE')
        throw new ConflictError(`${what}: address already in use`, { cause });
      throw new InvalidError(`${what}: cannot assign requested address`, { cause });
    }
  }

  /** The wildcard address holds the port on every address of its family. */
  #isHeld(port: PublishedPort): boolean {
    const wildcard = port.hostIp.includes(':') ? '::' : '0.0.0.0';
    if (this.#holders.has(keyOf(port)) || this.#holders.has(keyOf({ ...port, hostIp: wildcard })))
      return true;
    if (port.hostIp !== wildcard) return false;
    const suffix = `|${port.protocol}|${port.hostPort}`;
    const isSameFamily = (key: string): boolean => key.includes(':') === port.hostIp.includes(':');
    return [...this.#holders.keys()].some((key) => key.endsWith(suffix) && isSameFamily(key));
  }
}

function* portRange({ firstHostPort, lastHostPort }: PortRequest): Iterable<number> {
  for (let port = firstHostPort; port <= lastHostPort; port++) yield port;
}

function keyOf({ hostIp, protocol, hostPort }: PublishedPort): string {
  return `${hostIp}|${protocol}|${hostPort}`;
}

function formatWhere({ hostIp, hostPort }: PublishedPort): string {
  return hostIp.includes(':') ? `[${hostIp}]:${hostPort}` : `${hostIp}:${hostPort}`;
}
