/** What is for those who run the hub, at an address of its own: `--metrics-listen`. */
import type { Hub } from './hub.ts';
import type { ListenAddress } from './listen-address.ts';
import { HubListener } from './listener.ts';

/** In milliseconds: no answer of it takes long. */
const endingTime = 1000;

/** Serves until disposed, plain HTTP. @throws UnavailableError when the port is taken. */
export function serveOperations(hub: Hub, listen: ListenAddress): AsyncDisposable {
  const listener = new HubListener(listen, undefined, (request) => hub.fetchOperations(request));
  listener.serve();
  return { [Symbol.asyncDispose]: () => listener.close(endingTime) };
}
