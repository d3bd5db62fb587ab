/**
 * A port of the hub: Bun's server on it, whose certificate can be another one from now on without a connection being refused or
 * broken. Bun's reload takes no certificate, so a second server takes over the socket of the first, which ends with its last request.
 */
import { messageOf, UnavailableError } from '../lib/errors.ts';
import {
  addressOf,
  duplicate,
  closeDescriptor,
  listenInstead,
  withSocketOf,
} from '../lib/listening-socket.ts';
import { apiErrorResponse } from './api/errors.ts';
import type { ListenAddress } from './listen-address.ts';
import type { Certificate } from './tls/certificate.ts';

export type Answer = (request: Request, client: { readonly address: string }) => Promise<Response>;

/** A layer of any size is one body. (1 << 40 would be 256.) */
const maxBody = 2 ** 40;
/** In seconds without a byte in either direction: longer than a slow disk's fsync, shorter than forever. */
const idleTimeout = 120;
type Server = Bun.Server<undefined>;

/** Where a server begins that will listen elsewhere. */
const nowhere: ListenAddress = { hostname: '127.0.0.1', port: 0 };

export class HubListener {
  readonly #listen: ListenAddress;
  readonly #answer: Answer;
  /** Of whoever started this program, or the first server's: what every later server listens on. */
  #socket: number | undefined;
  #server: Server | undefined;
  readonly #ending = new Set<Server>();

  /** @param socket one that listens already, in place of one of our own at `listen`. It is ours from here on. */
  constructor(listen: ListenAddress, socket: number | undefined, answer: Answer) {
    this.#listen = listen;
    this.#socket = socket;
    this.#answer = answer;
  }

  /** Where it listens, once it does; before that, where it will. */
  get address(): ListenAddress {
    if (this.#socket !== undefined) return addressOf(this.#socket) ?? this.#listen;
    const { hostname = this.#listen.hostname, port = this.#listen.port } = this.#server ?? {};
    return { hostname, port };
  }

  /**
   * Serves from here on with this certificate; without one, plain HTTP.
   * @throws UnavailableError when the port is taken; what served before does so still.
   */
  serve(certificate?: Certificate): void {
    const before = this.#server;
    if (this.#socket !== undefined) this.#server = this.#startOn(this.#socket, certificate);
    else if (!certificate) this.#server = this.#start(this.#listen);
    else {
      const { server, socket } = withSocketOf(() => this.#start(this.#listen, certificate));
      this.#server = server;
      this.#socket = duplicate(socket.descriptor);
    }
    if (before) void this.#end(before);
  }

  /** New connections are refused. @param time in milliseconds: what requests under way have to end. */
  async close(time: number): Promise<void> {
    if (this.#socket !== undefined) closeDescriptor(this.#socket);
    if (this.#server) void this.#end(this.#server);
    const servers = [...this.#ending];
    await Promise.race([Promise.all(servers.map((server) => server.stop())), Bun.sleep(time)]);
    await Promise.all(servers.map((server) => server.stop(true)));
  }

  async #end(server: Server): Promise<void> {
    this.#ending.add(server);
    await server.stop();
    this.#ending.delete(server);
  }

  #startOn(wanted: number, certificate: Certificate | undefined): Server {
    const { server, socket } = withSocketOf(() => this.#start(nowhere, certificate));
    try {
      listenInstead(socket, wanted);
      return server;
    } catch (error) {
      void server.stop(true);
      throw error;
    }
  }

  #start({ hostname, port }: ListenAddress, certificate?: Certificate): Server {
    try {
      return Bun.serve({
        hostname,
        port,
        maxRequestBodySize: maxBody,
        idleTimeout,
        development: false,
        // Without development mode Bun would share the port with whoever has it already.
        reusePort: false,
        ...(certificate && { tls: { cert: certificate.cert, key: certificate.key } }),
        fetch: (request, server) =>
          this.#answer(request, { address: server.requestIP(request)?.address ?? 'unknown' }),
        error: apiErrorResponse,
      });
    } catch (cause) {
      throw new UnavailableError(`cannot listen on ${hostname}:${port}: ${messageOf(cause)}`, { cause });
    }
  }
}
