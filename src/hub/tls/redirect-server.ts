/** Plain HTTP beside TLS: tells everybody the way to https, and answers authorities that ask for a challenge. */
import type { Hub } from '../hub.ts';
import type { ListenAddress } from '../listen-address.ts';
import { HubListener } from '../listener.ts';
import { challengePath } from './challenge.ts';

/** In milliseconds: no answer of it takes long. */
const endingTime = 1000;

export interface RedirectServer extends AsyncDisposable {
  readonly port: number;
}

/**
 * Serves until disposed.
 * @param socket one that listens already, in place of one of our own at `listen`.
 * @param secure the port of https, and where the public address is known that one.
 * @throws UnavailableError when the port is taken.
 */
export function serveRedirects(
  hub: Hub,
  listen: ListenAddress,
  secure: { readonly port: number; readonly publicUrl: string | undefined },
  socket?: number,
): RedirectServer {
  const listener = new HubListener(listen, socket, async (request, client) => {
    const url = URL.parse(request.url);
    if (!url || url.pathname.startsWith(challengePath)) return hub.fetch(request, client);
    const target = new URL(secure.publicUrl ?? `https://${url.hostname}:${secure.port}`);
    // The same method again, with the same body: a push is led there too.
    return Response.redirect(`${target.origin}${url.pathname}${url.search}`, 308);
  });
  listener.serve();
  const { port } = listener.address;
  return { port, [Symbol.asyncDispose]: () => listener.close(endingTime) };
}
