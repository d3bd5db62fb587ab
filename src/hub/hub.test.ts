import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '../lib/log.ts';
import { testHubConfig } from './testing/test-hub-config.ts';
import { createHub, type Hub } from './hub.ts';
import { serveHub } from './server.ts';
import { HubFixture, password } from './testing/hub-fixture.ts';
import { testSelf } from './testing/test-self.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

async function withHub(
  pages: ((request: Request) => Response) | undefined,
  work: (hub: Hub, directory: string) => Promise<void>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'cais-hub-test-'));
  try {
    const config = testHubConfig({ data: directory });
    await using hub = await createHub(config, {
      self: testSelf,
      log: createLog('hub', 'silent'),
      ...(pages && { pages }),
    });
    await work(hub, directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The answer's first line. By hand: fetch sends no Host that is wrong. */
async function statusLine(port: number, path: string, host: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect(port, '127.0.0.1', () => {
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  });
  socket.once('data', (data) => resolve(data.toString().split('\r\n', 1)[0] ?? ''));
  socket.once('error', reject);
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}

describe('the hub', () => {
  test('leaves to the pages what is no API', async () => {
    const pages = (request: Request): Response => new Response(`page ${new URL(request.url).pathname}`);
    await withHub(pages, async (hub) => {
      const text = async (path: string): Promise<string> =>
        (await hub.fetch(new Request(`http://hub.test${path}`))).text();
      expect(await text('/')).toBe('page /');
      expect(await text('/r/alice/app')).toBe('page /r/alice/app');
      expect(await text('/v20')).toBe('page /v20');
      expect(await text('/healthz')).toBe('ok\n');
      expect(await text('/readyz')).toBe('ready\n');
      expect(await text('/v2/')).toContain('UNAUTHORIZED');
    });
  });

  test('answers 404 where there are no pages', async () => {
    await withHub(undefined, async (hub) => {
      expect((await hub.fetch(new Request('http://hub.test/'))).status).toBe(404);
    });
  });

  test('keeps its database to itself, one that others could read before as well', async () => {
    const names = ['hub.sqlite', 'hub.sqlite-shm', 'hub.sqlite-wal'];
    await using hub = await HubFixture.create('alice');
    const files = names.map((name) => join(hub.directory, 'hub', name));
    const modes = (): Promise<number[]> =>
      Promise.all(files.map(async (file) => (await stat(file)).mode & 0o777));
    expect(await modes()).toEqual([0o600, 0o600, 0o600]);
    await Promise.all(files.map((file) => chmod(file, 0o644)));
    await using _shell = await hub.openParts();
    expect(await modes()).toEqual([0o600, 0o600, 0o600]);
  });

  test('counts what happens, without names in the numbers', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushImage('alice', 'alice/app', 'latest');
    const metrics = await (await hub.send('GET', '/metrics')).text();
    expect(metrics).toContain('cais_hub_events_total{kind="manifest-pushed"} 1');
    expect(metrics).not.toContain('alice');
  });

  test('answers 500 without details when its database fails, and says so to the operator', async () => {
    await withHub(undefined, async (hub) => {
      await hub[Symbol.asyncDispose]();
      const response = await hub.fetch(new Request('http://hub.test/v2/repositories/alice/'));
      expect(response.status).toBe(500);
      expect(await response.json()).toEqual({ message: 'internal error', detail: 'internal error' });
    });
  });

  test('gets a port, and tells when it is taken', async () => {
    await withHub(undefined, async (hub) => {
      await using server = serveHub(hub, { hostname: '127.0.0.1', port: 0 });
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
      expect(() => serveHub(hub, { hostname: '127.0.0.1', port: server.port })).toThrow('cannot listen on');
    });
  });

  test.each(['a"b', 'a b', 'user@hub.test', 'hub.test/x', 'hub.test:99999', '', "a'b", 'a,b', 'a;b', 'a=b'])(
    'answers 400 to the Host %j, which it could not send clients back to',
    async (host) => {
      await withHub(undefined, async (hub) => {
        await using server = serveHub(hub, { hostname: '127.0.0.1', port: 0 });
        for (const path of ['/v2/', '/token', '/v2/users/login/', '/']) {
          expect(await statusLine(server.port, path, host)).toContain(' 400 ');
        }
      });
    },
  );

  test.each(['hub.test', 'my_hub:5000', '127.0.0.1:5000', '[::1]:5000', 'HUB.test.'])(
    'is reached by the Host %j',
    async (host) => {
      await withHub(undefined, async (hub) => {
        await using server = serveHub(hub, { hostname: '127.0.0.1', port: 0 });
        expect(await statusLine(server.port, '/healthz', host)).toContain(' 200 ');
      });
    },
  );

  test('sends no file names of its own over a real connection', async () => {
    await using fixture = await HubFixture.create('alice');
    const image = await fixture.pushImage('alice', 'alice/app', 'latest');
    await using parts = await createHub(fixture.config(), {
      self: testSelf,
      log: createLog('hub', 'silent'),
    });
    await using server = serveHub(parts, { hostname: '127.0.0.1', port: 0 });
    const basic = { Authorization: `Basic ${btoa(`alice:${password}`)}` };
    const answer = await fetch(`${server.url}/token?scope=repository:alice/app:pull`, { headers: basic });
    const { token } = (await answer.json()) as { token: string };
    for (const range of [undefined, 'bytes=0-3', 'bytes=0-0,2-3']) {
      const blob = await fetch(`${server.url}/v2/alice/app/blobs/${image.layer}`, {
        headers: { Authorization: `Bearer ${token}`, ...(range !== undefined && { Range: range }) },
      });
      expect([200, 206]).toContain(blob.status);
      expect(blob.headers.get('Content-Disposition')).toBe('attachment');
      await blob.arrayBuffer();
    }
  });
});
