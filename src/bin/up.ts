/** `cais up`: hub and engine in one process. One Ctrl-C ends both; the containers run on. */
import type { ServerCommand } from '../cli/context.ts';
import { defaultHost } from '../cli/config.ts';
import { createEngine } from '../engine/engine.ts';
import { createLog } from '../lib/log.ts';
import { connectServiceManager } from '../lib/service-manager.ts';
import { engineConfig, reloadOnHangup } from './engine-serve.ts';
import { hubConfig } from './hub-parts.ts';
import { seedInBackground } from './seed-process.ts';
import { text } from './server-flags.ts';
import { startHub } from './start-hub.ts';
import { untilStopped } from './stop-signal.ts';

export const up: ServerCommand = async (flags, _input, output) => {
  const level = text(flags, 'log-level') ?? 'warn';
  const format = text(flags, 'log-format');
  const stopped = untilStopped();
  await using stack = new AsyncDisposableStack();
  const manager = stack.use(connectServiceManager(process.env));
  const server = stack.use(
    await startHub(hubConfig(flags, 'hub-listen'), createLog('hub', level, format), manager),
  );
  const config = engineConfig(flags, server.url.replace(/\/\/(0\.0\.0\.0|\[::\]):/, '//127.0.0.1:'));
  const log = createLog('engine', level, format);
  const engine = stack.use(await createEngine(config, log, manager.takeSocket('engine')));
  stack.use(reloadOnHangup(engine, log, () => engineConfig(flags, config.hub.href)));
  await output.write(welcome(server.url, engine.hosts));
  if (flags['seed'] === true) stack.use(seedInBackground(flags, output));
  manager.ready(`serving ${server.url} and ${engine.hosts.join(', ')}`);
  await stopped;
  manager.stopping();
  await output.write('\nStopping. Containers that run go on running.\n');
  return 0;
};

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
