/** `cais hub serve`: the hub alone, until a signal ends it. */
import type { ServerCommand } from '../cli/context.ts';
import { createHub } from '../hub/hub.ts';
import { serveHub } from '../hub/server.ts';
import { createLog } from '../lib/log.ts';
import { createPages } from '../web/pages.ts';
import { hubConfig } from './hub-parts.ts';
import { self } from './self.ts';
import { text } from './server-flags.ts';
import { untilStopped } from './stop-signal.ts';

export const hubServe: ServerCommand = async (flags, _input, output) => {
  const config = hubConfig(flags);
  const log = createLog('hub', text(flags, 'log-level'));
  await using stack = new AsyncDisposableStack();
  const hub = stack.use(await createHub(config, { log, self, pages: await createPages() }));
  const server = stack.use(serveHub(hub, config.listen));
  const stopped = untilStopped();
  await output.write(`The hub's page: ${server.url}\n`);
  await stopped;
  return 0;
};
