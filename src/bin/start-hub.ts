/** The hub on its ports, for `cais hub serve` and `cais up`. */
import type { HubConfig } from '../hub/config.ts';
import { version } from '../cli/context.ts';
import { createHub } from '../hub/hub.ts';
import { signInMethods } from '../hub/oidc/ways-in.ts';
import { serveOperations } from '../hub/operations-server.ts';
import { type HubServer, serveHub } from '../hub/server.ts';
import { serveRedirects } from '../hub/tls/redirect-server.ts';
import type { Log } from '../lib/log.ts';
import type { ServiceManager } from '../lib/service-manager.ts';
import { createPages } from '../web/pages.ts';
import { self } from './self.ts';

/** Serves until disposed. SIGHUP looks for another certificate. */
export async function startHub(config: HubConfig, log: Log, manager: ServiceManager): Promise<HubServer> {
  await using stack = new AsyncDisposableStack();
  const pages = await createPages({ signInMethods: signInMethods(config) });
  const hub = stack.use(await createHub(config, { log, self, version, pages }));
  const { metricsListen } = config.watching;
  if (metricsListen) stack.use(serveOperations(hub, metricsListen));
  const server = stack.use(serveHub(hub, config.listen, manager.takeSocket('hub', true)));
  const { publicUrl, tls: { httpListen } = {} } = config;
  if (httpListen) {
    const secure = { port: server.port, publicUrl };
    stack.use(serveRedirects(hub, httpListen, secure, manager.takeSocket('http')));
  }
  const reload = (): void => void hub.tls?.certificates.reload();
  process.on('SIGHUP', reload);
  stack.defer(() => void process.off('SIGHUP', reload));
  // One that has to be ordered first is ordered from here on: the authority asks the port above.
  reload();
  const lifetime = stack.move();
  return { url: server.url, port: server.port, [Symbol.asyncDispose]: () => lifetime.disposeAsync() };
}
