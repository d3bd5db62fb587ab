/** Real namespaces, bridges and rules. Every test has an engine of its own; afterwards nothing of it is left. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import type { Database } from 'bun:sqlite';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContainerConfig, HostConfig } from '../../engine-api/types.ts';
import { messageOf } from '../../lib/errors.ts';
import { createLog } from '../../lib/log.ts';
import { openSqlite } from '../../lib/sqlite.ts';
import { run } from '../../lib/subprocess.ts';
import type { NetworkAttachment } from './attachment.ts';
import { ContainerNetworks } from './container-networks.ts';
import { networkOptionsSchema, networkSchema } from './network-schema.ts';

const log = createLog('container-networks.test', 'silent');
let directory = '';
let name = '';
let database: Database;
let networks: ContainerNetworks;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'networks-spec-'));
  name = `ct${crypto.randomUUID().slice(0, 8)}`;
  database = openSqlite(':memory:', [networkSchema, networkOptionsSchema]);
  networks = openNetworks();
});

afterEach(async () => {
  for (const { containerId } of networks.store.endpoints()) await networks.disconnect(containerId);
  await networks[Symbol.asyncDispose]();
  const { stdout } = await run(['sh', '-c', 'ip -o link; nft list tables; cat /proc/self/mounts']);
  expect(stdout).not.toContain(name);
  expect(stdout).not.toContain(directory);
  database.close();
  rmSync(directory, { recursive: true });
});

function openNetworks(): ContainerNetworks {
  return ContainerNetworks.open({ database, runDirectory: directory, name, log });
}

function connect(
  id: string,
  hostConfig: HostConfig = {},
  config: ContainerConfig = {},
): Promise<NetworkAttachment> {
  const stateDirectory = join(directory, id);
  mkdirSync(stateDirectory, { recursive: true });
  return networks.connect({
    containerId: id,
    name: `name-of-${id}`,
    config: { Hostname: `host-of-${id}`, ...config },
    hostConfig,
    stateDirectory,
  });
}

/** Runs a command in the namespace, as a process of the container would. */
async function inside({ netnsPath }: NetworkAttachment, ...command: string[]): Promise<string> {
  const { stdout, stderr } = await run(['nsenter', `--net=${netnsPath}`, ...command]);
  return stdout + stderr;
}

/** What went wrong, as the user reads it. */
function failureOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(() => 'nothing failed', messageOf);
}

function publish(hostPort: number): HostConfig {
  return { PortBindings: { '80/tcp': [{ HostIp: '', HostPort: String(hostPort) }] } };
}

async function freePort(): Promise<number> {
  const listener = Bun.listen({ hostname: '0.0.0.0', port: 0, socket: { data: () => undefined } });
  listener.stop(true);
  return listener.port;
}

/** A program in the container that answers every connection on port 80 with a word. */
function serve({ netnsPath }: NetworkAttachment): AsyncDisposable {
  const child = Bun.spawn(
    ['nsenter', `--net=${netnsPath}`, 'busybox', 'nc', '-ll', '-p', '80', '-e', 'busybox', 'echo', 'hello'],
    { stdio: ['ignore', 'ignore', 'ignore'] },
  );
  return {
    [Symbol.asyncDispose]: async () => {
      child.kill();
      await child.exited;
    },
  };
}

/** What is read from an address; asked again while nobody listens yet. */
async function fetchWord(host: string, port: number): Promise<string> {
  for (let tries = 0; tries < 40; tries++) {
    const { stdout } = await run(['busybox', 'nc', '-w', '2', host, String(port)]);
    if (stdout !== '') return stdout.trim();
    await Bun.sleep(50);
  }
  return '';
}

describe('a container on the bridge', () => {
  test('has an address, a route out, and reaches its gateway and its neighbour', async () => {
    const [one, two] = [await connect('one'), await connect('two')];
    const { IPAddress = '', Gateway = '', IPPrefixLen } = one.settings;
    expect(await inside(one, 'ip', '-o', '-4', 'address', 'show', 'eth0')).toContain(
      `${IPAddress}/${IPPrefixLen}`,
    );
    expect(await inside(one, 'ip', 'route')).toContain(`default via ${Gateway} dev eth0`);
    expect(await inside(one, 'busybox', 'ping', '-c1', '-W2', Gateway)).toContain('1 packets received');
    expect(await inside(one, 'busybox', 'ping', '-c1', '-W2', two.settings.IPAddress ?? '')).toContain(
      '1 packets received',
    );
  });

  test("does not reach services on the host's loopback", async () => {
    const one = await connect('one');
    const listener = Bun.listen({
      hostname: '127.0.0.1',
      port: 0,
      socket: { open: (socket) => void socket.end('secret'), data: () => undefined },
    });
    await inside(one, 'ip', 'address', 'flush', 'dev', 'lo');
    await inside(one, 'ip', 'route', 'add', '127.0.0.0/8', 'via', one.settings.Gateway ?? '');
    await inside(one, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet');
    expect(await inside(one, 'busybox', 'nc', '-w', '1', '127.0.0.1', String(listener.port))).not.toContain(
      'secret',
    );
    listener.stop(true);
  });

  test('is described by its files and its settings', async () => {
    const { files, settings, hostname } = await connect(
      'one',
      { ExtraHosts: ['db:10.0.0.5'] },
      { ExposedPorts: { '90/tcp': {} } },
    );
    expect(hostname).toBe('host-of-one');
    expect(await readFile(files.hostname, 'utf8')).toBe('host-of-one\n');
    expect(await readFile(files.hosts, 'utf8')).toEndWith(
      `10.0.0.5\tdb\n${settings.IPAddress}\thost-of-one\n`,
    );
    expect(await readFile(files.resolvConf, 'utf8')).toContain('nameserver ');
    expect(settings.MacAddress).toStartWith('02:42:');
    expect(settings.Ports).toEqual({ '90/tcp': null });
    expect(networks.settings('one')).toEqual(settings);
    expect(networks.settings('two')).toBeUndefined();
  });

  test('takes the lowest free address, and gives it back', async () => {
    const first = await connect('one');
    const second = await connect('two');
    expect(second.settings.IPAddress).not.toBe(first.settings.IPAddress);
    await networks.disconnect('one');
    await networks.disconnect('one');
    expect((await connect('three')).settings.IPAddress).toBe(first.settings.IPAddress);
  });

  test('may have the MAC address that it asks for', async () => {
    const one = await connect('one', {}, { MacAddress: '02:11:22:33:44:55' });
    expect(one.settings.MacAddress).toBe('02:11:22:33:44:55');
    expect(await inside(one, 'ip', 'link', 'show', 'eth0')).toContain('02:11:22:33:44:55');
  });

  test('gets the bridge back that somebody took away', async () => {
    const first = await connect('one');
    await run(['ip', 'link', 'delete', name]);
    const two = await connect('two');
    expect(two.settings.Gateway).toBe(first.settings.Gateway);
    expect(await inside(two, 'busybox', 'ping', '-c1', '-W2', two.settings.Gateway ?? '')).toContain(
      '1 packets received',
    );
  });

  test('leaves nothing when a file cannot be written', async () => {
    const lost = networks.connect({
      containerId: 'one',
      name: 'one',
      config: {},
      hostConfig: publish(await freePort()),
      stateDirectory: join(directory, 'absent'),
    });
    expect(await failureOf(lost)).toContain('ENOENT');
    expect(networks.store.endpoints()).toEqual([]);
    expect(readdirSync(join(directory, 'netns'))).toEqual([]);
  });
});

describe('a published port', () => {
  test('leads into the container: from loopback, the host, itself and a neighbour', async () => {
    const port = await freePort();
    const one = await connect('one', publish(port));
    const two = await connect('two');
    await using _server = serve(one);
    const { Gateway = '', IPAddress = '' } = one.settings;
    expect(await fetchWord('127.0.0.1', port)).toBe('hello');
    expect(await fetchWord(Gateway, port)).toBe('hello');
    expect(await fetchWord('::1', port)).toBe('hello');
    expect(await fetchWord(IPAddress, 80)).toBe('hello');
    for (const from of [one, two]) {
      expect(await inside(from, 'busybox', 'nc', '-w', '2', Gateway, String(port))).toContain('hello');
    }
    expect(one.settings.Ports?.['80/tcp']).toEqual([
      { HostIp: '0.0.0.0', HostPort: String(port) },
      { HostIp: '::', HostPort: String(port) },
    ]);
  });

  test('on one address is not to be had on another', async () => {
    const port = await freePort();
    const PortBindings = { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }] };
    const one = await connect('one', { PortBindings });
    await using _server = serve(one);
    expect(await fetchWord('127.0.0.1', port)).toBe('hello');
    const other = await run(['busybox', 'nc', '-w', '1', '127.0.0.2', String(port)]);
    expect(other.stdout).toBe('');
  });

  test('is found by the engine when any will do', async () => {
    const one = await connect(
      'one',
      { PublishAllPorts: true },
      { ExposedPorts: { '80/tcp': {}, '53/udp': {} } },
    );
    await using _server = serve(one);
    const port = Number(one.settings.Ports?.['80/tcp']?.[0]?.HostPort);
    expect(port).toBeGreaterThan(1024);
    expect(await fetchWord('127.0.0.1', port)).toBe('hello');
    expect(one.settings.Ports?.['53/udp']).toHaveLength(1);
  });

  test("that is taken fails the start in docker's words and leaves nothing", async () => {
    const port = await freePort();
    await connect('one', publish(port));
    expect(await failureOf(connect('two', publish(port)))).toMatch(
      /on endpoint name-of-two \([0-9a-f]{64}\): Bind for 0\.0\.0\.0:\d+ failed: port is already allocated$/,
    );
    const listener = Bun.listen({ hostname: '0.0.0.0', port: 0, socket: { data: () => undefined } });
    expect(await failureOf(connect('two', publish(listener.port)))).toContain(
      `listen tcp4 0.0.0.0:${listener.port}: bind: address already in use`,
    );
    listener.stop(true);
    expect(networks.settings('two')).toBeUndefined();
    expect(readdirSync(join(directory, 'netns'))).toEqual(['one']);
  });

  test('is free again after disconnect', async () => {
    const port = await freePort();
    await connect('one', publish(port));
    await networks.disconnect('one');
    expect((await connect('two', publish(port))).settings.Ports?.['80/tcp']).toHaveLength(2);
  });
});

describe('other networks', () => {
  test('none is a loopback alone', async () => {
    const one = await connect('one', { NetworkMode: 'none' });
    const links = await inside(one, 'ip', '-br', 'address');
    expect(links).toContain('127.0.0.1/8');
    expect(links).not.toContain('eth0');
    expect(Object.keys(one.settings.Networks ?? {})).toEqual(['none']);
  });

  test("host is the host's own, name included", async () => {
    const one = await connect('one', { NetworkMode: 'host' }, { Hostname: 'on' });
    expect(one).toMatchObject({ netnsPath: undefined, hostname: hostname() });
    expect(await readFile(one.files.hosts, 'utf8')).toBe(await readFile('/etc/hosts', 'utf8'));
  });

  test("container:<id> is the other one's, files included", async () => {
    const one = await connect('one');
    const two = await connect('two', { NetworkMode: 'container:one' });
    expect(two).toMatchObject({ netnsPath: one.netnsPath, files: one.files, hostname: 'host-of-one' });
    expect(await failureOf(connect('three', { NetworkMode: 'container:four' }))).toContain(
      'cannot join network of a non running container: four',
    );
  });

  test('that nobody made are not found', async () => {
    expect(await failureOf(connect('one', { NetworkMode: 'nowhere' }))).toContain(
      'network nowhere not found',
    );
  });
});

describe('an engine that comes back', () => {
  test('keeps what runs, gives the rest back, and holds the ports again', async () => {
    const port = await freePort();
    const one = await connect('one', publish(port));
    await connect('two', publish(await freePort()));
    await connect('three');
    // What a killed engine held is closed by the kernel; here the sockets are, by hand.
    await networks[Symbol.asyncDispose]();

    networks = openNetworks();
    await networks.recover(new Set(['one']));
    expect(readdirSync(join(directory, 'netns'))).toEqual(['one']);
    expect(networks.settings('one')).toEqual(one.settings);
    expect(networks.settings('two')).toBeUndefined();
    await using _server = serve(one);
    expect(await fetchWord('127.0.0.1', port)).toBe('hello');
    expect(await fetchWord('::1', port)).toBe('hello');
    expect(await failureOf(connect('four', publish(port)))).toContain('port is already allocated');
  });

  test('serves two engines side by side, on different subnets', async () => {
    const one = await connect('one');
    const other = ContainerNetworks.open({
      database: openSqlite(':memory:', [networkSchema, networkOptionsSchema]),
      runDirectory: join(directory, 'other'),
      name: `${name}x`,
      log,
    });
    mkdirSync(join(directory, 'other-state'));
    const elsewhere = await other.connect({
      containerId: 'one',
      name: 'one',
      config: {},
      hostConfig: {},
      stateDirectory: join(directory, 'other-state'),
    });
    expect(elsewhere.settings.Gateway).not.toBe(one.settings.Gateway);
    await other.disconnect('one');
    await other[Symbol.asyncDispose]();
  });
});
