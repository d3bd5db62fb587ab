/** A copy of the hub as `cais hub serve` is one, without the pages, which take long to be made: its settings are in the environment. */
import { untilStopped } from '../../../src/bin/stop-signal.ts';
import { readHubConfig } from '../../../src/hub/config.ts';
import { createHub } from '../../../src/hub/hub.ts';
import { serveHub } from '../../../src/hub/server.ts';
import { testSelf } from '../../../src/hub/testing/test-self.ts';
import { createLog } from '../../../src/lib/log.ts';

/** What to give to bun. */
export const serveCopyProgram = import.meta.path;

if (import.meta.main) {
  const config = readHubConfig({}, process.env);
  await using stack = new AsyncDisposableStack();
  const hub = stack.use(await createHub(config, { self: testSelf, log: createLog('hub', 'silent') }));
  const server = stack.use(serveHub(hub, config.listen));
  const stopped = untilStopped();
  process.stdout.write(`${server.url}\n`);
  await stopped;
}
