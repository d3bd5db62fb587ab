/** Clients that leave, stall, lie about lengths or go on after a refusal: over bare connections to a hub of its own process. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf } from '../../oci/image/digest.ts';
import { type HubProcess, startHubProcess } from '../testing/hub-process.ts';
import { ImageClient } from '../testing/image-client.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const repository = 'alice/app';
let directory = '';
let hub: HubProcess;
let client: ImageClient;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cais-hub-connections-'));
  hub = await startHubProcess(directory);
  client = await ImageClient.signUp(hub.url, 'alice');
});

afterAll(async () => {
  await hub.kill();
  await rm(directory, { recursive: true, force: true });
});

class Connection {
  readonly #socket: Bun.Socket;
  #text = '';
  #isClosed = false;

  private constructor(socket: Bun.Socket) {
    this.#socket = socket;
  }

  static async open(): Promise<Connection> {
    const { hostname, port } = new URL(hub.url);
    const holder: { connection?: Connection } = {};
    const socket = await Bun.connect({
      hostname,
      port: Number(port),
      socket: {
        data: (_socket, chunk) => holder.connection?.take(chunk.toString('latin1')),
        close: () => holder.connection?.close(),
      },
    });
    holder.connection = new Connection(socket);
    return holder.connection;
  }

  take(text: string): void {
    this.#text += text;
  }

  close(): void {
    this.#isClosed = true;
  }

  write(text: string): void {
    this.#socket.write(text);
  }

  end(): void {
    this.#socket.terminate();
  }

  /** The status of the next answer, and what came of it by then; 0 when the hub closed the connection without one. */
  async status(): Promise<number> {
    while (!this.#text.includes('\r\n\r\n') && !this.#isClosed) await Bun.sleep(5);
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(this.#text)?.[1] ?? 0);
    this.#text = '';
    return status;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }
}

async function authorization(): Promise<string> {
  return `Authorization: Bearer ${await client.token(repository)}`;
}

/** How many files the hub holds open below its directory. */
async function openFiles(): Promise<number> {
  const shown = Bun.spawnSync(['ls', '-l', `/proc/${hub.pid}/fd`]).stdout.toString();
  return shown.split('\n').filter((line) => line.includes(`${directory}/hub/blobs`)).length;
}

test('a refusal leaves the connection fit for the next request, or closes it: it never takes the rest for one', async () => {
  const body = 'GET /v2/ HTTP/1.1\r\nHost: hub\r\n\r\n'.repeat(2000);
  const connection = await Connection.open();
  connection.write(
    `PUT /v2/${repository}/manifests/x HTTP/1.1\r\nHost: hub\r\nContent-Length: ${body.length}\r\n\r\n`,
  );
  expect(await connection.status()).toBe(401);
  connection.write(body);
  await Bun.sleep(50);
  connection.write(`HEAD /healthz HTTP/1.1\r\nHost: hub\r\n\r\n`);
  const next = connection.isClosed ? 0 : await connection.status();
  expect([0, 200]).toContain(next);
  connection.end();
  expect((await fetch(`${hub.url}/healthz`)).status).toBe(200);
});

test('a manifest that is announced too large is refused before it comes', async () => {
  const connection = await Connection.open();
  connection.write(
    `PUT /v2/${repository}/manifests/x HTTP/1.1\r\nHost: hub\r\n${await authorization()}\r\nContent-Length: 8000000\r\n\r\n`,
  );
  expect(await connection.status()).toBe(413);
  connection.end();
});

test.each(['9223372036854775808', '99999999999999999999999', '-1', 'abc', '0x10'])(
  'a body of the length %p is no reason to fail',
  async (length) => {
    const started = await client.send(repository, 'POST', 'blobs/uploads/');
    const location = started.headers.get('Location') ?? '';
    const connection = await Connection.open();
    connection.write(
      `PATCH ${location} HTTP/1.1\r\nHost: hub\r\n${await authorization()}\r\nContent-Length: ${length}\r\n\r\nbytes`,
    );
    const status = await Promise.race([connection.status(), Bun.sleep(500).then(() => 0)]);
    expect([0, 400, 413]).toContain(status);
    connection.end();
    expect((await fetch(`${hub.url}/healthz`)).status).toBe(200);
  },
);

test('headers of 64 kB are refused or read, and the hub goes on', async () => {
  const connection = await Connection.open();
  connection.write(`GET /v2/ HTTP/1.1\r\nHost: hub\r\nX-Long: ${'x'.repeat(64 * 1024)}\r\n\r\n`);
  const status = await Promise.race([connection.status(), Bun.sleep(2000).then(() => 0)]);
  expect([0, 400, 401, 413, 431]).toContain(status);
  connection.end();
  expect((await fetch(`${hub.url}/healthz`)).status).toBe(200);
});

test('five hundred uploads that stall keep nobody else from pushing, and leave what they sent', async () => {
  const started = await client.send(repository, 'POST', 'blobs/uploads/');
  const location = started.headers.get('Location') ?? '';
  const token = await authorization();
  const idle = await Promise.all(Array.from({ length: 500 }, () => Connection.open()));
  for (const [number, connection] of idle.entries()) {
    const target = number === 0 ? location : `/v2/${repository}/blobs/uploads/`;
    const method = number === 0 ? 'PATCH' : 'POST';
    connection.write(`${method} ${target} HTTP/1.1\r\nHost: hub\r\n${token}\r\nContent-Length: 1000\r\n\r\n`);
    connection.write('some of it');
  }
  expect(await client.push(repository, 'meanwhile', [new Uint8Array(100_000)])).toBeDefined();
  await client.pull(repository, 'meanwhile');
  for (const connection of idle) connection.end();
  // Ten bytes came, whether or not more were announced.
  for (let tries = 0; ; tries++) {
    const status = await client.send(repository, 'GET', location.split(`${repository}/`)[1] ?? '');
    expect(status.status).toBe(204);
    if (status.headers.get('Range') === '0-9') break;
    expect(tries).toBeLessThan(600);
    await Bun.sleep(50);
  }
});

test('a client that leaves in the middle of a blob leaves no file open', async () => {
  const layer = new Uint8Array(32 * 1024 * 1024);
  await client.push(repository, 'large', [layer]);
  const token = await authorization();
  const leaving = await Promise.all(Array.from({ length: 20 }, () => Connection.open()));
  for (const connection of leaving) {
    connection.write(
      `GET /v2/${repository}/blobs/${digestOf(layer)} HTTP/1.1\r\nHost: hub\r\n${token}\r\n\r\n`,
    );
  }
  for (const connection of leaving) {
    expect(await connection.status()).toBe(200);
    connection.end();
  }
  for (let tries = 0; (await openFiles()) > 0; tries++) {
    expect(tries).toBeLessThan(600);
    await Bun.sleep(50);
  }
  await client.pull(repository, 'large');
  expect(await readdir(join(directory, 'hub'))).toContain('blobs');
});
