/** A hub with its pages on a port and a data directory of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testHubConfig } from '../../../src/hub/testing/test-hub-config.ts';
import { createHub } from '../../../src/hub/hub.ts';
import { serveHub } from '../../../src/hub/server.ts';
import { createLog } from '../../../src/lib/log.ts';
import { signInMethods } from '../../../src/hub/oidc/ways-in.ts';
import { createPages } from '../../../src/web/pages.ts';
import type { Asset } from '../../../src/web/serving/asset.ts';
import { testSelf } from '../../../src/hub/testing/test-self.ts';

export interface HubWithPages extends AsyncDisposable {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** The file of its database, for tests that need more than can be pushed. */
  readonly databasePath: string;
}

interface HubSetup {
  /** Of the pages: as they are from source, unless told. */
  readonly assets?: () => Promise<Asset[]>;
  /** Its environment. */
  readonly settings?: Readonly<Record<string, string>>;
}

export async function startHubWithPages({ assets, settings = {} }: HubSetup = {}): Promise<HubWithPages> {
  await using stack = new AsyncDisposableStack();
  const data = await mkdtemp(join(tmpdir(), 'cais-pages-'));
  stack.defer(() => rm(data, { recursive: true, force: true }));
  const config = testHubConfig({ data, listen: '127.0.0.1:0' }, settings);
  const dependencies = {
    self: testSelf,
    log: createLog('hub', 'error'),
    pages: await createPages({ signInMethods: signInMethods(config) }, assets),
  };
  const hub = stack.use(await createHub(config, dependencies));
  const server = stack.use(serveHub(hub, config.listen));
  const open = stack.move();
  return {
    url: server.url,
    databasePath: config.databasePath,
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
