/** A copy of the hub that is told to end: others are asked from then on, and what is under way ends. */
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { serveCopyProgram } from '../../tests/support/copies/serve-copy.ts';
import { eventually } from '../../tests/support/eventually.ts';
import { createLog } from '../lib/log.ts';
import { digestOf } from '../oci/image/digest.ts';
import { createHub } from './hub.ts';
import { serveHub } from './server.ts';
import { HubFixture } from './testing/hub-fixture.ts';
import { testSelf } from './testing/test-self.ts';

setDefaultTimeout(120_000);

/** A hub on a port, over the data of a fixture. `end` is what SIGTERM does. */
async function serveOver(fixture: HubFixture, drain: string) {
  const hub = await createHub(fixture.config({ drain }), { self: testSelf, log: createLog('hub', 'silent') });
  const server = serveHub(hub, { hostname: '127.0.0.1', port: 0 });
  const end = async (): Promise<void> => {
    await server[Symbol.asyncDispose]();
    await hub[Symbol.asyncDispose]();
  };
  return { url: server.url, port: server.port, end };
}

/** Sends the beginning of a request, and the rest by the caller. */
async function begin(port: number, head: readonly string[]): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  return socket;
}

describe('a hub that is told to end', () => {
  test('is not ready at once, still answers, and ends pages that follow and connections', async () => {
    await using fixture = await HubFixture.create('alice');
    await fixture.pushImage('alice', 'alice/app', 'latest');
    const { url, end } = await serveOver(fixture, '3s');
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const page = await fetch(`${url}/v2/repositories/alice/app/live`);
    expect(page.status).toBe(200);
    const ended = end();
    expect(await page.text()).toContain('follow');
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.text()]).toEqual([503, 'not ready: the hub is about to end\n']);
    const answer = await fetch(`${url}/v2/repositories/alice/app/`);
    expect([answer.status, answer.headers.get('Connection')]).toEqual([200, 'close']);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    await ended;
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });

  test('lets a push that has begun come to its end', async () => {
    await using fixture = await HubFixture.create('alice');
    const token = await fixture.fullToken('alice', 'alice/app');
    const { port, end } = await serveOver(fixture, '1s');
    const bytes = 'a layer that takes its time';
    const socket = await begin(port, [
      `POST /v2/alice/app/blobs/uploads/?digest=${digestOf(bytes)} HTTP/1.1`,
      'Host: hub.test',
      `Authorization: Bearer ${token}`,
      `Content-Length: ${bytes.length}`,
    ]);
    socket.write(bytes.slice(0, 7));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString()));
    const ended = end();
    // No new connection is taken any more, and the old one goes on.
    await eventually(() => expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow());
    socket.write(bytes.slice(7));
    await ended;
    await eventually(() => expect(answer).toContain('201 Created'));
    expect(
      await (await fixture.send('GET', `/v2/alice/app/blobs/${digestOf(bytes)}`, { token })).text(),
    ).toBe(bytes);
  });

  test('keeps what has come of an upload that does not end', async () => {
    await using fixture = await HubFixture.create('alice');
    const token = await fixture.fullToken('alice', 'alice/app');
    const { port, end } = await serveOver(fixture, '0');
    const begun = await fixture.send('POST', '/v2/alice/app/blobs/uploads/', { token });
    const location = begun.headers.get('Location') ?? '';
    const socket = await begin(port, [
      `PATCH ${location} HTTP/1.1`,
      'Host: hub.test',
      `Authorization: Bearer ${token}`,
      'Content-Length: 1000',
    ]);
    socket.write('the beginning');
    await eventually(async () => {
      const { headers } = await fixture.send('GET', location, { token });
      expect(headers.get('Range')).toBe('0-12');
    });
    await end();
    const rest = ', and the rest';
    const digest = digestOf(`the beginning${rest}`);
    const done = await fixture.send('PUT', `${location}?digest=${digest}`, { token, body: rest });
    expect(done.status).toBe(201);
  });
});

describe('a second signal', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('%s ends a hub that drains at once', async (signal) => {
    const data = await mkdtemp(join(tmpdir(), 'cais-drain-'));
    const child = Bun.spawn([process.execPath, serveCopyProgram], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, CAIS_DATA: data, CAIS_HUB_LISTEN: '127.0.0.1:0', CAIS_HUB_DRAIN: '5m' },
    });
    try {
      const { value } = await child.stdout.getReader().read();
      const url = new TextDecoder().decode(value).trim();
      child.kill(signal);
      await eventually(async () => expect((await fetch(`${url}/readyz`)).status).toBe(503));
      expect(child.exitCode).toBeNull();
      child.kill(signal);
      await child.exited;
      expect(child.signalCode).toBe(signal);
    } finally {
      child.kill('SIGKILL');
      await child.exited;
      await rm(data, { recursive: true, force: true });
    }
  });
});
