/** Signals this process gets, passed on to the container: `--sig-proxy`, without a terminal. */
import type { EngineClient } from '../engine-api/client.ts';
import { pathOf } from '../engine-api/client.ts';

// CHLD, PIPE, WINCH and URG are about this process itself; KILL and STOP cannot be caught.
const proxied: readonly NodeJS.Signals[] = [
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGTERM',
  'SIGUSR1',
  'SIGUSR2',
  'SIGALRM',
  'SIGCONT',
  'SIGTSTP',
  'SIGTTIN',
  'SIGTTOU',
];

/** Sends each signal to the container's first process instead of dying of it, until disposed of. */
export function proxySignals(engine: EngineClient, container: string): Disposable {
  const pass = (signal: NodeJS.Signals) => {
    // The container may be gone by now: then there is nobody to tell.
    engine
      .call('POST', `/containers/${pathOf(container)}/kill`, { query: { signal } })
      .then((response) => response.text())
      .catch(() => undefined);
  };
  for (const signal of proxied) process.on(signal, pass);
  return {
    [Symbol.dispose]: () => {
      for (const signal of proxied) process.off(signal, pass);
    },
  };
}
