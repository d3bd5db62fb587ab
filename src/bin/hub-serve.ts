/** `cais hub serve`: the hub alone, until a signal ends it. */
import type { ServerCommand } from '../cli/context.ts';
import { createLog } from '../lib/log.ts';
import { connectServiceManager } from '../lib/service-manager.ts';
import { hubConfig } from './hub-parts.ts';
import { text } from './server-flags.ts';
import { startHub } from './start-hub.ts';
import { untilStopped } from './stop-signal.ts';

export const hubServe: ServerCommand = async (flags, _input, output) => {
  const config = hubConfig(flags);
  const log = createLog('hub', text(flags, 'log-level'), text(flags, 'log-format'));
  using manager = connectServiceManager(process.env);
  await using server = await startHub(config, log, manager);
  const stopped = untilStopped();
  await output.write(`The hub's page: ${server.url}\n`);
  manager.ready(`serving ${server.url}`);
  await stopped;
  manager.stopping();
  return 0;
};
