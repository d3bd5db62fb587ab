/** The resolver as a container meets it: in a network namespace, with a server of the rest of the world on the host's loopback. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Socket } from 'bun';
import { createLog } from '../../../lib/log.ts';
import { run } from '../../../lib/subprocess.ts';
import { inNetns, removeNetns } from '../../linux/netns.ts';
import { createLoopbackNetns } from '../bridge.ts';
import { answering, dataOf, FakeServer, names, query, read } from './dns-fixture.ts';
import { frame, FrameReader } from './frames.ts';
import { Resolvers } from './resolvers.ts';
import { eventually } from '../../../../tests/support/eventually.ts';

const log = createLog('test', 'silent');
const place = { hostname: '127.0.0.11', port: 53 };
/** Of the host's loopback, and of nobody else while this process runs. */
const upstreamAddress = `127.77.${(process.pid >> 8) & 255}.${process.pid & 255 || 1}`;

const folder = mkdtempSync(join(tmpdir(), 'cais-names-'));
const netns = join(folder, 'netns');
const home = statSync('/proc/thread-self/ns/net').ino;
let upstream: FakeServer;
let resolvers: Resolvers;

beforeAll(async () => {
  createLoopbackNetns(netns)[Symbol.dispose]();
  upstream = await FakeServer.start(upstreamAddress, answering('192.0.2.7'), 53);
  resolvers = new Resolvers(names, log);
  resolvers.serve('c1', netns, [{ address: upstreamAddress, isInside: false }]);
});

afterAll(() => {
  resolvers[Symbol.dispose]();
  upstream[Symbol.dispose]();
  removeNetns(netns);
  rmSync(folder, { recursive: true });
});

/** Asks by UDP from inside of the namespace. Undefined: nobody answered. */
async function ask(message: Buffer): Promise<Buffer | undefined> {
  const { promise, resolve } = Promise.withResolvers<Buffer | undefined>();
  const socket = await inNetns(netns, () =>
    Bun.udpSocket({
      connect: place,
      socket: { data: (_socket, bytes) => resolve(Buffer.from(bytes)), error: () => resolve(undefined) },
    }),
  );
  const timer = setTimeout(() => resolve(undefined), 300);
  socket.send(message);
  const reply = await promise;
  clearTimeout(timer);
  socket.close();
  return reply;
}

interface TcpAsker {
  readonly socket: Socket;
  readonly replies: Buffer[];
  readonly closed: Promise<void>;
}

async function askByTcp(...chunks: readonly Buffer[]): Promise<TcpAsker> {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const frames = new FrameReader(65_535);
  const replies: Buffer[] = [];
  const socket = await inNetns(netns, () =>
    Bun.connect({
      ...place,
      allowHalfOpen: true,
      socket: {
        data: (_socket, bytes) => void replies.push(...frames.push(bytes)),
        end: (socket) => void socket.end(),
        close: () => resolve(),
      },
    }),
  );
  for (const chunk of chunks) {
    socket.write(chunk);
    await Bun.sleep(2);
  }
  return { socket, replies, closed };
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds() && tries < 200; tries++) await Bun.sleep(10);
  expect(holds()).toBe(true);
}

/** Sockets of this process. */
function openSockets(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
    } catch {
      return false;
    }
  }).length;
}

test('the sockets are in the namespace, and none is on the host', async () => {
  const inside = await run(['nsenter', `--net=${netns}`, 'cat', '/proc/net/udp', '/proc/net/tcp']);
  // 127.0.0.11, as the kernel writes it on a little-endian machine.
  expect(inside.stdout.match(/ 0B00007F:/g)).toHaveLength(2);
  const host = await run(['cat', '/proc/net/udp', '/proc/net/tcp']);
  expect(host.stdout).not.toContain(' 0B00007F:');
  expect(statSync('/proc/thread-self/ns/net').ino).toBe(home);
});

test('by UDP: names of ours, their addresses, and the rest from upstream on the host', async () => {
  expect(dataOf(await ask(query('web')))).toContain('10.1.0.2');
  expect(dataOf(await ask(query('2.0.1.10.in-addr.arpa', 'PTR')))).toEqual(['web.net']);
  expect(dataOf(await ask(query('example.com')))).toEqual(['192.0.2.7']);
  expect(upstream.seen.at(-1)?.transport).toBe('udp');
});

test('an ordinary program finds names', async () => {
  const { stdout } = await run(['nsenter', `--net=${netns}`, 'busybox', 'nslookup', 'web', '127.0.0.11']);
  expect(stdout).toContain('10.1.0.2');
  expect(stdout).toContain('10.1.0.3');
});

test('by TCP: several queries on one connection, in pieces, answered also when the client has closed its side', async () => {
  const stream = Buffer.concat([
    frame(query('web')),
    frame(query('example.com')),
    frame(query('bare', 'AAAA')),
  ]);
  const { socket, replies, closed } = await askByTcp(
    stream.subarray(0, 1),
    stream.subarray(1, 30),
    stream.subarray(30),
  );
  socket.shutdown();
  await closed;
  expect(replies.map((reply) => dataOf(reply)).toSorted((a, b) => a.length - b.length)).toEqual([
    [],
    ['192.0.2.7'],
    expect.arrayContaining(['10.1.0.2', '10.1.0.3']),
  ]);
  expect(upstream.seen.at(-1)?.transport).toBe('tcp');
});

test('by TCP: too long a message ends the connection, too many connections are not taken', async () => {
  const long = await askByTcp(Buffer.from([0xff, 0xff, 0]));
  await long.closed;
  const many = await Promise.all(Array.from({ length: 60 }, () => askByTcp()));
  let refused = 0;
  for (const { closed } of many) void closed.then(() => (refused += 1));
  await eventually(() => expect(refused).toBe(10));
  for (const { socket } of many) socket.terminate();
  await eventually(async () => {
    const { socket, replies } = await askByTcp(frame(query('web')));
    await until(() => replies.length === 1);
    socket.terminate();
  });
});

test('a client that asks and never reads is let go', async () => {
  const { socket, replies, closed } = await askByTcp();
  socket.pause();
  const asked = Buffer.concat(Array.from({ length: 500 }, () => frame(query('web'))));
  // Until neither side takes more: the kernel holds some megabytes between them.
  for (let stalled = 0; stalled < 20; await Bun.sleep(1)) stalled = socket.write(asked) > 0 ? 0 : stalled + 1;
  socket.resume();
  await closed;
  expect(replies.length).toBeGreaterThan(100);
  expect(dataOf(await ask(query('web')))).toHaveLength(2);
});

test('noise does no harm', async () => {
  for (const length of [0, 1, 11, 12, 100, 9000]) await ask(Buffer.alloc(length, 0x41));
  expect(dataOf(await ask(query('web')))).toHaveLength(2);
}, 120_000);

test('a server of the container itself has port 53 for its own', async () => {
  const asked: string[] = [];
  const own = await inNetns(netns, () =>
    Bun.udpSocket({
      hostname: '0.0.0.0',
      port: 53,
      socket: { data: (_own, bytes) => void asked.push(bytes.toString()) },
    }),
  );
  expect(dataOf(await ask(query('web')))).toHaveLength(2);
  expect(asked).toEqual([]);
  own.close();
});

test('a container that is stopped is answered no more; served again it is, by other servers', async () => {
  const before = openSockets();
  resolvers.stop('c1');
  resolvers.stop('c1');
  expect(await ask(query('web'))).toBeUndefined();
  expect(openSockets()).toBe(before - 2);
  resolvers.serve('c1', netns, []);
  resolvers.serve('c1', netns, []);
  expect(dataOf(await ask(query('web')))).toHaveLength(2);
  expect(read(await ask(query('example.com'))).code).toBe(2);
  expect(openSockets()).toBe(before);
});

test('what cannot be served throws and leaves nothing open', () => {
  const before = openSockets();
  expect(() => resolvers.serve('c2', join(folder, 'missing'), [])).toThrow();
  expect(openSockets()).toBe(before);
});
