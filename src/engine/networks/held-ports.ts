/**
 * Host ports in use by containers. Each is held by a socket of the engine's own, so that no program of the host can take it and
 * one that has it is noticed. IPv4 never arrives at that socket: firewall.ts redirects it before, also while the engine is away.
 */
import { ConflictError, errnoOf, InvalidError } from '../../lib/errors.ts';
import type { PortRequest, Protocol, PublishedPort } from './port-bindings.ts';

interface Holder {
  close(): void;
}

/** Where Linux takes ephemeral ports from by default; docker does the same. */
const ephemeral = { first: 32_768, last: 60_999 };

export class HeldPorts implements Disposable {
  readonly #holders = new Map<string, Holder>();
  #nextEphemeral = ephemeral.first;

  /**
   * Takes a host port for the request.
   * @throws ConflictError in docker's words: another container or another program has it.
   */
  async hold(request: PortRequest): Promise<PublishedPort> {
    const { containerPort, protocol, hostIp } = request;
    if (request.firstHostPort === 0) return this.#holdEphemeral(request);
    for (let hostPort = request.firstHostPort; ; hostPort++) {
      const port = { containerPort, protocol, hostIp, hostPort };
      try {
        await this.#take(port);
        return port;
      } catch (error) {
        if (hostPort >= request.lastHostPort) throw error;
      }
    }
  }

  /** Takes this very port back after the engine was away. @throws ConflictError */
  async holdAgain(port: PublishedPort): Promise<void> {
    await this.#take(port);
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

  async #holdEphemeral({ containerPort, protocol, hostIp }: PortRequest): Promise<PublishedPort> {
    for (let tries = ephemeral.first; tries <= ephemeral.last; tries++) {
      const hostPort = this.#nextEphemeral;
      this.#nextEphemeral = hostPort === ephemeral.last ? ephemeral.first : hostPort + 1;
      const port = { containerPort, protocol, hostIp, hostPort };
      const error = await this.#take(port).catch((reason: unknown) => reason);
      if (error === undefined) return port;
      if (!(error instanceof ConflictError)) throw error;
    }
    throw new ConflictError('all ports are allocated');
  }

  async #take(port: PublishedPort): Promise<void> {
    const where = `${port.hostIp}:${port.hostPort}`;
    if (this.#isHeld(port)) throw new ConflictError(`Bind for ${where} failed: port is already allocated`);
    try {
      this.#holders.set(keyOf(port), await openHolder(port));
    } catch (cause) {
      if (errnoOf(cause) === 'EADDRINUSE') {
        const family = port.hostIp.includes(':') ? '6' : '4';
        throw new ConflictError(`listen ${port.protocol}${family} ${where}: bind: address already in use`, {
          cause,
        });
      }
      throw new InvalidError(`listen ${port.protocol} ${where}: bind: cannot assign requested address`, {
        cause,
      });
    }
  }

  /** The wildcard address holds the port on every address. */
  #isHeld(port: PublishedPort): boolean {
    if (this.#holders.has(keyOf(port)) || this.#holders.has(keyOf({ ...port, hostIp: '0.0.0.0' })))
      return true;
    if (port.hostIp !== '0.0.0.0') return false;
    const suffix = `|${port.protocol}|${port.hostPort}`;
    return [...this.#holders.keys()].some((key) => key.endsWith(suffix));
  }
}

function keyOf({ hostIp, protocol, hostPort }: PublishedPort): string {
  return `${hostIp}|${protocol}|${hostPort}`;
}

/** SCTP has no holder: the kernel module is rarely there, and the table of held ports still tells containers apart. */
async function openHolder({ hostIp, hostPort, protocol }: PublishedPort): Promise<Holder> {
  const byProtocol: Record<Protocol, () => Holder | Promise<Holder>> = {
    tcp: () => holdTcp(hostIp, hostPort),
    udp: () => holdUdp(hostIp, hostPort),
    sctp: () => ({ close: () => undefined }),
  };
  return byProtocol[protocol]();
}

function holdTcp(hostname: string, port: number): Holder {
  const listener = Bun.listen({
    hostname,
    port,
    socket: { open: (socket) => void socket.end(), data: () => undefined },
  });
  listener.unref();
  return { close: () => listener.stop(true) };
}

async function holdUdp(hostname: string, port: number): Promise<Holder> {
  const socket = await Bun.udpSocket({ hostname, port });
  socket.unref();
  return { close: () => socket.close() };
}
