/** Gives the hub a port. */
import { messageOf, UnavailableError } from '../lib/errors.ts';
import { apiErrorResponse } from './api/errors.ts';
import type { HubConfig } from './config.ts';
import type { Hub } from './hub.ts';

export interface HubServer extends AsyncDisposable {
  /** `http://127.0.0.1:5000`. */
  readonly url: string;
  readonly port: number;
}

/** A layer of any size is one body. (1 << 40 would be 256.) */
const maxBody = 2 ** 40;
/** In seconds without a byte in either direction: longer than a slow disk's fsync, shorter than forever. */
const idleTimeout = 120;

/** Serves until disposed; then it drains, and requests under way have a moment to end. @throws UnavailableError when the port is taken. */
export function serveHub(hub: Hub, listen: HubConfig['listen']): HubServer {
  const server = start(hub, listen);
  const { port = listen.port, hostname = listen.hostname } = server;
  const host = hostname.includes(':') ? `[${hostname}]` : hostname;
  return {
    url: `http://${host}:${port}`,
    port,
    async [Symbol.asyncDispose]() {
      const { draining } = hub;
      hub.endStreams();
      await draining.begin();
      const ended = server.stop();
      hub.endStreams();
      await Promise.race([ended, Bun.sleep(draining.times.ending)]);
      await server.stop(true);
      await draining.settled();
    },
  };
}

function start(hub: Hub, { hostname, port }: HubConfig['listen']): Bun.Server<undefined> {
  try {
    return Bun.serve({
      hostname,
      port,
      maxRequestBodySize: maxBody,
      idleTimeout,
      development: false,
      // Without development mode Bun would share the port with whoever has it already.
      reusePort: false,
      fetch: (request, server) =>
        hub.fetch(request, { address: server.requestIP(request)?.address ?? 'unknown' }),
      error: apiErrorResponse,
    });
  } catch (cause) {
    throw new UnavailableError(`cannot listen on ${hostname}:${port}: ${messageOf(cause)}`, { cause });
  }
}
