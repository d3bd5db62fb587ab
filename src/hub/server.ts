/** Gives the hub a port. */
import type { Hub } from './hub.ts';
import { type ListenAddress, originAt } from './listen-address.ts';
import { HubListener } from './listener.ts';

export interface HubServer extends AsyncDisposable {
  /** `http://127.0.0.1:5000`; with TLS by a name of the certificate, `https://hub.example`. */
  readonly url: string;
  readonly port: number;
}

/**
 * Serves until disposed; then it drains, and requests under way have a moment to end. With TLS nothing is served before there is a
 * certificate.
 * @param socket one that listens already, in place of one of our own at `listen`.
 * @throws UnavailableError when the port is taken.
 */
export function serveHub(hub: Hub, listen: ListenAddress, socket?: number): HubServer {
  const listener = new HubListener(listen, socket, (request, client) => hub.fetch(request, client));
  const { tls } = hub;
  if (!tls) listener.serve();
  else {
    const { certificates } = tls;
    certificates.onChange((next) => listener.serve(next));
    if (certificates.current) listener.serve(certificates.current);
  }
  const { address } = listener;
  return {
    url: tls
      ? originAt('https', { hostname: tls.host ?? address.hostname, port: address.port })
      : originAt('http', address),
    port: address.port,
    async [Symbol.asyncDispose]() {
      const { draining } = hub;
      hub.endStreams();
      await draining.begin();
      const ended = listener.close(draining.times.ending);
      hub.endStreams();
      await ended;
      await draining.settled();
    },
  };
}
