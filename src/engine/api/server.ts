/**
 * The Engine API on sockets. Connections pass prepareHead (upgrade.ts) on their way to node:http; a request finds its
 * route, becomes an ApiRequest, and what the handler returns or throws becomes the answer.
 */
import { chmodSync, chownSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  createServer as createListener,
  type ListenOptions,
  type Server as Listener,
  type Socket,
} from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsListener } from 'node:tls';
import { InvalidError, messageOf } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import { tcpAddress } from '../hosts.ts';
import type { TlsConfig } from '../tls-config.ts';
import { errorResponse, isUnexpected } from './errors.ts';
import { apiRequest, type RequestTarget } from './incoming.ts';
import { sendResponse } from './outgoing.ts';
import type { Route } from './route.ts';
import { RouteTable } from './routes.ts';
import { hijacked, outputOnly, prepareHead, respondRaw, takeBody } from './upgrade.ts';
import { newestVersion, splitVersion, versionText } from './version.ts';

export interface ApiServerOptions {
  readonly routes: readonly Route[];
  /** The program's version, for the `Server` header. */
  readonly version: string;
  readonly log: Log;
  /** Called for each request. */
  readonly onRequest?: () => void;
}

/** Go's: filters of many names go into the request line. */
const maxHeaderSize = 1024 * 1024;

export class ApiServer implements AsyncDisposable {
  readonly #routes: RouteTable;
  readonly #log: Log;
  readonly #common: Readonly<Record<string, string>>;
  readonly #onRequest: () => void;
  readonly #server: Server;
  readonly #listeners: Listener[] = [];
  readonly #connections = new Set<Socket>();

  constructor({ routes, version, log, onRequest = () => undefined }: ApiServerOptions) {
    this.#routes = new RouteTable(routes);
    this.#log = log;
    this.#onRequest = onRequest;
    this.#common = {
      'Api-Version': versionText(newestVersion),
      'Docker-Experimental': 'false',
      Ostype: 'linux',
      Server: `cais/${version} (linux)`,
    };
    this.#server = createServer(
      { maxHeaderSize },
      (message, response) => void this.#serve(message, response),
    );
    this.#server.on('upgrade', (message, socket, head) => void this.#upgrade(message, socket, head));
    this.#server.timeout = 0;
    this.#server.requestTimeout = 0;
  }

  /**
   * @param host `unix:///path` or `tcp://address:port`.
   * @param tls of a tcp host; undefined: plain HTTP.
   * @throws InvalidError for anything else.
   */
  async listen(host: string, tls?: TlsConfig): Promise<void> {
    const unix = /^unix:\/\/(\/.+)$/.exec(host)?.[1];
    const tcp = tcpAddress(host);
    if (unix === undefined && !tcp) throw new InvalidError(`invalid host: ${host}`);
    const listener = tcp && tls ? this.#secureListener(tls) : this.#plainListener();
    if (unix !== undefined) rmSync(unix, { force: true });
    await this.#add(listener, tcp ? { port: tcp.port, host: tcp.hostname } : { path: unix });
    if (unix !== undefined) restrict(unix);
  }

  /** @param descriptor of a socket that listens already; who may use it is its owner's concern. */
  async listenOn(descriptor: number): Promise<void> {
    await this.#add(this.#plainListener(), { fd: descriptor });
  }

  async #add(listener: Listener, where: ListenOptions & { readonly fd?: number }): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject);
      listener.listen(where, resolve);
    });
    this.#listeners.push(listener);
  }

  /** Ends every connection; what their handlers do to containers goes on. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#listeners.map((listener) => new Promise((resolve) => listener.close(resolve)));
    for (const connection of this.#connections) connection.destroy();
    await Promise.all(closed);
  }

  #plainListener(): Listener {
    return createListener({ allowHalfOpen: true }, (socket) => this.#connected(socket));
  }

  /** Half-close is TLS's close_notify: the other direction goes on. */
  #secureListener({ cert, key, clientCa }: TlsConfig): Listener {
    const client =
      clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true };
    const options = { cert, key, ...client, minVersion: 'TLSv1.2', allowHalfOpen: true } as const;
    const listener = createTlsListener(options, (socket) => this.#connected(socket));
    listener.on('tlsClientError', (error) =>
      this.#log.debug({ error: error.message }, 'a client failed at TLS'),
    );
    return listener;
  }

  #connected(socket: Socket): void {
    this.#connections.add(socket);
    socket.on('close', () => this.#connections.delete(socket));
    socket.on('error', () => socket.destroy());
    let received: Buffer = Buffer.alloc(0);
    const onData = (chunk: Buffer): void => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const head = prepareHead(received);
      if (!head) return;
      socket.off('data', onData).pause();
      socket.unshift(head);
      this.#server.emit('connection', socket);
      socket.resume();
    };
    socket.on('data', onData);
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#onRequest();
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    response.on('error', () => gone.abort());
    const answer = await this.#answer(message, response, gone.signal);
    if (answer) await sendResponse(answer, response, this.#common);
  }

  /** Undefined when a stream was the answer. */
  async #answer(
    message: IncomingMessage,
    response: ServerResponse,
    signal: AbortSignal,
  ): Promise<Response | undefined> {
    const connection = outputOnly(response, this.#common);
    try {
      const target = targetOf(message);
      const { route, params } = this.#routes.match(message.method ?? 'GET', target.path);
      const request = apiRequest(message, target, params, signal);
      if (!('hijack' in route)) return await route.handle(request);
      await route.hijack(request, connection);
      return undefined;
    } catch (error) {
      const failure = this.#failure(message, error);
      if (!connection.isAccepted()) return failure;
      response.destroy();
      return undefined;
    }
  }

  async #upgrade(message: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    this.#onRequest();
    const connection = hijacked(message, socket, this.#common);
    try {
      const body = await takeBody(message, socket, head);
      const target = targetOf(message);
      const { route, params } = this.#routes.match(message.method ?? 'GET', target.path);
      const gone = new AbortController();
      socket.on('close', () => gone.abort());
      const request = apiRequest(message, target, params, gone.signal, oneChunk(body));
      if ('hijack' in route) return await route.hijack(request, connection);
      // Java's client offers HTTP/2 with every request: an offer may be left unheard (RFC 9110, 7.8).
      if (message.headers['transfer-encoding'] !== undefined) {
        throw new InvalidError('this request cannot be upgraded');
      }
      await connection.respond(await route.handle(request));
    } catch (error) {
      const response = this.#failure(message, error);
      if (connection.isAccepted()) socket.destroy();
      else await respondRaw(socket, response, this.#common);
    }
  }

  #failure(message: IncomingMessage, error: unknown): Response {
    // Who goes away in the middle of a request needs no answer.
    if (isUnexpected(error) && !message.destroyed) {
      const stack = error instanceof Error ? error.stack : undefined;
      this.#log.error(
        { method: message.method, url: message.url, error: messageOf(error), stack },
        'request failed',
      );
    }
    return errorResponse(error);
  }
}

/** @throws InvalidError for a version that is not served. */
function targetOf(message: IncomingMessage): RequestTarget {
  // The absolute form, which proxies send, means its path (RFC 9112, 3.2.2).
  const url = (message.url ?? '/').replace(/^https?:\/\/[^/?]*/i, '') || '/';
  const at = url.indexOf('?');
  const [path, query] = at === -1 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
  return { ...splitVersion(path), query: new URLSearchParams(query) };
}

async function* oneChunk(body: Buffer): AsyncGenerator<Uint8Array> {
  if (body.length > 0) yield body;
}

/** Root and, where it exists, the group `cais`. */
function restrict(path: string): void {
  const gid = /^cais:[^:]*:(\d+):/m.exec(readFileSync('/etc/group', 'utf8'))?.[1];
  if (gid !== undefined) chownSync(path, 0, Number(gid));
  chmodSync(path, 0o660);
}
