/**
 * A hub in a process of its own, for tests that kill it or load it: prints its address and serves.
 * Arguments: the data directory, and for garbage the grace period and the time between two collections.
 */
import { createLog } from '../../lib/log.ts';
import { testHubConfig } from './test-hub-config.ts';
import { createHub } from '../hub.ts';
import { serveHub } from '../server.ts';
import { testSelf } from './test-self.ts';

/** What to give to bun. */
export const serveHubProgram = import.meta.path;

if (import.meta.main) {
  const [data, gcGrace, gcInterval] = process.argv.slice(2);
  const config = testHubConfig({ data, listen: '127.0.0.1:0', gcGrace, gcInterval });
  const hub = await createHub(config, { self: testSelf, log: createLog('hub', 'error') });
  process.stdout.write(`${serveHub(hub, config.listen).url}\n`);
}
