/** `cais up`: hub and engine in one process. One Ctrl-C ends both; the containers run on. */
import type { ServerCommand, ServerFlags } from '../cli/context.ts';
import { defaultHost } from '../cli/config.ts';
import { createEngine } from '../engine/engine.ts';
import { createHub } from '../hub/hub.ts';
import { type HubServer, serveHub } from '../hub/server.ts';
import { createLog } from '../lib/log.ts';
import { createPages } from '../web/pages.ts';
import { engineConfig, reloadOnHangup } from './engine-serve.ts';
import { hubConfig } from './hub-parts.ts';
import { seedInBackground } from './seed-process.ts';
import { self } from './self.ts';
import { text } from './server-flags.ts';
import { untilStopped } from './stop-signal.ts';

export const up: ServerCommand = async (flags, _input, output) => {
  const level = text(flags, 'log-level') ?? 'warn';
  const stopped = untilStopped();
  await using stack = new AsyncDisposableStack();
  const server = await startHub(flags, level, stack);
  const config = engineConfig(flags, server.url.replace(/\/\/(0\.0\.0\.0|\[::\]):/, '//127.0.0.1:'));
  const log = createLog('engine', level);
  const engine = stack.use(await createEngine(config, log));
  stack.use(reloadOnHangup(engine, log, () => engineConfig(flags, config.hub.href)));
  await output.write(welcome(server.url, engine.hosts));
  if (flags['seed'] === true) stack.use(seedInBackground(flags, output));
  await stopped;
  await output.write('\nStopping. Containers that run go on running.\n');
  return 0;
};

async function startHub(flags: ServerFlags, level: string, stack: AsyncDisposableStack): Promise<HubServer> {
  const config = hubConfig(flags, 'hub-listen');
  const hub = stack.use(
    await createHub(config, { log: createLog('hub', level), self, pages: await createPages() }),
  );
  return stack.use(serveHub(hub, config.listen));
}

function welcome(url: string, hosts: readonly string[]): string {
  const [host = defaultHost] = hosts;
  const isDefault = host === defaultHost;
  return `cais is running. Ctrl-C ends it; containers go on.

  The hub's page   ${url}
  The engine       ${hosts.join(', ')}

Next, in another terminal:
${isDefault ? '' : `  export CAIS_HOST=${host}\n`}
  cais search busybox
  cais pull busybox
  cais run -i -t busybox         leave with ctrl-p ctrl-q, come back with cais attach
  cais ps

To publish an image, make an account at ${url}/signup, then
  cais login
  cais commit CONTAINER ACCOUNT/NAME:1.0
  cais push ACCOUNT/NAME:1.0

The stock docker works too:  export DOCKER_HOST=${host}

`;
}
