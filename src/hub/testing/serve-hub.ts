/** A hub in a process of its own, for tests that kill it: prints its address and serves. Argument: the data directory. */
import { createLog } from '../../lib/log.ts';
import { readHubConfig } from '../config.ts';
import { createHub } from '../hub.ts';
import { serveHub } from '../server.ts';

/** What to give to bun. */
export const serveHubProgram = import.meta.path;

if (import.meta.main) {
  const config = readHubConfig({ data: process.argv[2], listen: '127.0.0.1:0' }, {});
  const hub = await createHub(config, { log: createLog('hub', 'error') });
  process.stdout.write(`${serveHub(hub, config.listen).url}\n`);
}
