/** The registry of a build's cache goes away while the cache is read or sent. Runs as root. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildEvent } from '../../src/engine-api/build.ts';
import { build, imageOf } from '../support/build-request.ts';
import { signUp, tokenFor } from '../support/hub-account.ts';
import { type HubProxy, startHubProxy } from '../support/hub-proxy.ts';
import { RunningEngine } from '../support/running-engine.ts';
import { type RunningHub, startHub } from '../support/running-hub.ts';

setDefaultTimeout(120_000);

const password = 'correct horse battery';

let hub: RunningHub;
let engine: RunningEngine;
beforeAll(async () => {
  hub = await startHub();
  await signUp(hub.url, 'alice', password);
  engine = await RunningEngine.start({ hub: hub.url });
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
});

/** Goes away at the first request of this kind, and does not come back. */
function leavingHub(method: string, path: RegExp): HubProxy {
  const proxy: HubProxy = startHubProxy(hub.url, undefined, (request) => {
    if (request.method === method && path.test(request.url)) void proxy[Symbol.asyncDispose]();
  });
  return proxy;
}

function built(
  host: string,
  step: string,
  caches: Readonly<Record<string, string>>,
): Promise<readonly BuildEvent[]> {
  const login = { [host]: { username: 'alice', password } };
  return build(
    engine,
    { Dockerfile: `FROM busybox\nRUN ${step}` },
    {
      query: { networkmode: 'none', ...caches },
      headers: { 'X-Registry-Config': Buffer.from(JSON.stringify(login)).toString('base64url') },
    },
  );
}

const warnings = (events: readonly BuildEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));

/** Nothing half-done is in the engine. */
function expectNothingLeft(): void {
  const { dataDirectory } = engine.config;
  expect(readdirSync(join(dataDirectory, 'content/ingest'))).toEqual([]);
}

describe('in the middle of an import', () => {
  /** A cache in the hub, and none of it in the engine. */
  async function sent(step: string, name: string): Promise<void> {
    const image = imageOf(await built(hub.host, step, { cacheto: `${hub.host}/alice/${name}:cache` }));
    await engine.call('DELETE', `/images/${image}?force=1`);
    await engine.call('POST', '/build/prune?all=1');
  }

  test('of its document: the build goes on without, and says so', async () => {
    await sent('echo document > /x', 'document');
    await using proxy = leavingHub('GET', /\/blobs\//);
    const cachefrom = JSON.stringify([`${proxy.host}/alice/document:cache`]);
    const events = await built(proxy.host, 'echo document > /x', { cachefrom });
    imageOf(events);
    expect(warnings(events)).toEqual([expect.stringContaining('is not used')]);
    expectNothingLeft();
  });

  test('of a layer: what it has promised is done here, and that is said', async () => {
    await sent('echo layer > /x', 'layer');
    let blobs = 0;
    await using proxy: HubProxy = startHubProxy(hub.url, undefined, ({ method, url }) => {
      if (method !== 'GET' || !url.includes('/blobs/')) return;
      blobs += 1;
      // The first is the document.
      if (blobs > 1) void proxy[Symbol.asyncDispose]();
    });
    const cachefrom = JSON.stringify([`${proxy.host}/alice/layer:cache`]);
    const events = await built(proxy.host, 'echo layer > /x', { cachefrom });
    imageOf(events);
    expect(blobs).toBeGreaterThan(1);
    expect(warnings(events)).toEqual([expect.stringContaining('the imported cache cannot be used any more')]);
    expectNothingLeft();
  });
});

describe('in the middle of an export', () => {
  async function statusOf(name: string): Promise<number> {
    const token = await tokenFor(hub.url, 'alice', password, `repository:alice/${name}:pull`);
    const headers = { Authorization: `Bearer ${token}` };
    return (await fetch(`${hub.url}/v2/alice/${name}/manifests/cache`, { headers })).status;
  }

  test.each(['PATCH', 'PUT'])(
    'at a %s: the build fails, and the hub has no half of a cache',
    async (method) => {
      const name = `half-${method.toLowerCase()}`;
      await using proxy = leavingHub(method, /\/uploads\//);
      const events = await built(proxy.host, `echo ${name} > /x`, {
        cacheto: `${proxy.host}/alice/${name}:cache`,
      });
      expect(events.at(-1)).toMatchObject({ type: 'failed', message: expect.stringContaining(proxy.host) });
      expect(await statusOf(name)).toBe(404);
      expectNothingLeft();
    },
  );

  test('where that is of no importance it is a warning', async () => {
    await using proxy = leavingHub('PUT', /\/manifests\//);
    const events = await built(proxy.host, 'echo ignored > /x', {
      cacheto: `type=registry,ref=${proxy.host}/alice/ignored:cache,ignore-error=true`,
    });
    imageOf(events);
    expect(warnings(events)).toEqual([expect.stringContaining('was not exported')]);
    expect(await statusOf('ignored')).toBe(404);
  });
});
