import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { type AddressInfo, connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { messageOf } from '../../lib/errors.ts';
import { HeldPorts } from './held-ports.ts';
import type { PortRequest } from './port-bindings.ts';

let ports: HeldPorts;

beforeEach(() => {
  ports = new HeldPorts();
});

afterEach(() => ports[Symbol.dispose]());

/** Any address of 127/8 is the host's own: one of its own per test file keeps others out of the way. */
const address = '127.88.3.1';

function request(hostPort: number, rest: Partial<PortRequest> = {}): PortRequest {
  const range = { firstHostPort: hostPort, lastHostPort: hostPort };
  return { containerPort: 80, protocol: 'tcp', hostIps: [address], ...range, ...rest };
}

async function freePort(): Promise<number> {
  const [port] = await ports.hold(request(0));
  if (!port) return expect.unreachable();
  ports.release(port);
  return port.hostPort;
}

/** What went wrong, as the user reads it. */
function failureOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(() => 'nothing failed', messageOf);
}

describe('HeldPorts', () => {
  test('refuses a port that another container has', async () => {
    const hostPort = await freePort();
    await ports.hold(request(hostPort));
    const message = `Bind for ${address}:${hostPort} failed: port is already allocated`;
    expect(await failureOf(ports.hold(request(hostPort)))).toContain(message);
    expect(await failureOf(ports.hold(request(hostPort, { hostIps: ['0.0.0.0'] })))).toContain(
      'port is already allocated',
    );
    expect(await ports.hold(request(hostPort, { hostIps: ['127.88.3.2'] }))).toHaveLength(1);
    expect(await ports.hold(request(hostPort, { protocol: 'udp' }))).toHaveLength(1);
  });

  test('refuses a port that a program of the host has', async () => {
    const listener = Bun.listen({ hostname: address, port: 0, socket: { data: () => undefined } });
    const message = `listen tcp4 ${address}:${listener.port}: bind: address already in use`;
    expect(await failureOf(ports.hold(request(listener.port)))).toContain(message);
    listener.stop(true);
  });

  test('keeps programs of the host off its ports, until released', async () => {
    const hostPort = await freePort();
    const [port] = await ports.hold(request(hostPort));
    const listen = () => Bun.listen({ hostname: address, port: hostPort, socket: { data: () => undefined } });
    expect(listen).toThrow();
    if (port) ports.release(port);
    listen().stop(true);
  });

  test('takes the first free one of a range', async () => {
    const hostPort = await freePort();
    const range = request(hostPort, { lastHostPort: hostPort + 3 });
    const taken = [await ports.hold(range), await ports.hold(range)].flat();
    expect(taken[1]?.hostPort).toBeGreaterThan(taken[0]?.hostPort ?? 0);
    expect(taken[1]?.hostPort).toBeLessThanOrEqual(hostPort + 3);
  });

  test('takes the same port on all addresses, or none of them', async () => {
    const hostPort = await freePort();
    const both = request(hostPort, { hostIps: [address, '::1'] });
    const other = Bun.listen({ hostname: '::1', port: hostPort, socket: { data: () => undefined } });
    expect(await failureOf(ports.hold(both))).toContain(`listen tcp6 [::1]:${hostPort}`);
    other.stop(true);
    expect((await ports.hold(both)).map(({ hostIp }) => hostIp)).toEqual([address, '::1']);
  });

  test('passes IPv6 connections on, with half-close', async () => {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      let received = '';
      socket.on('data', (bytes) => (received += bytes.toString()));
      socket.on('end', () => socket.end(received.toUpperCase()));
    });
    await new Promise<void>((resolve) => server.listen({ host: address, port: 0 }, resolve));
    const { port: containerPort } = server.address() as AddressInfo;
    const held = await ports.hold(request(0, { hostIps: ['::1'], containerPort }));
    for (const port of held) ports.forward(port, 0x7f58_0301);
    const client = connect({ host: '::1', port: held[0]?.hostPort ?? 0, allowHalfOpen: true });
    client.end('hello');
    expect(await text(client)).toBe('HELLO');
    server.close();
  });

  test("refuses an address that is not the host's", async () => {
    expect(await failureOf(ports.hold(request(0, { hostIps: ['203.0.113.9'] })))).toContain(
      'cannot assign requested address',
    );
  });
});
